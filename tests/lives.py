"""How many lives, histories and tries the slow tests go through: 10,000, or fewer (`make test-slow LIVES=1000`)."""

import os

LIVES = int(os.environ.get("LIVES", "10000"))
