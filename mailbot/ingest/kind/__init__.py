"""What kind of mail it is: written by a machine, an absence notice, a delivery report, one passed on."""
