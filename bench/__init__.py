"""SQL cells side by side with the driver under them, through the same tunnel to the same database."""
