"""What runs: the supervisor and its three loops, how they wake each other and tell systemd that they live."""
