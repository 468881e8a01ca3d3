"""`widget-gateway`: the service put together."""


def main() -> None:
    """The console script."""
    raise SystemExit("widget-gateway: being built")
