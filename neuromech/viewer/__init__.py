"""A window in the browser on a running loop or a recording: body, world and brain, and hands in them."""
