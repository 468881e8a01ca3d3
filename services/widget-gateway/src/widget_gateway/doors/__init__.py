"""The doors: what is answered over HTTP. Each names its routes; rim.py puts them together."""
