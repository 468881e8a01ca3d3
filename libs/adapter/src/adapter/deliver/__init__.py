"""The way of a command to the platform and of its outcome back. Built by each service's main()."""
