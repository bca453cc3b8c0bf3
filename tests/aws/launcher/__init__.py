"""The AWS of svc's end-to-end tests: moto's server with its gaps filled. See __main__.py; start.py runs it from a test."""
