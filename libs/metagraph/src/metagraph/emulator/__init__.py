"""The shipped fake of Meta: tests, `make run` and benchmarks talk to it as to the platform."""
