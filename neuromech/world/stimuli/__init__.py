"""What there is to smell, taste and see in a world, as functions of place and time."""
