"""What vouches for the sender: the results of the border server, and OpenPGP signatures."""
