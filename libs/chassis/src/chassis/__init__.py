"""What a process is: settings, logs, metrics, health, lifecycle. Knows nothing of its work."""
