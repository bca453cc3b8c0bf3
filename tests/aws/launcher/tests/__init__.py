"""The tests of the launcher's patches, by service; ../../check_launcher.py runs them."""

from botocore.exceptions import ClientError


class Test:
    def __init__(self, name, patch, function):
        self.name, self.patch, self.function = name, patch, function


def tester(tests):
    """A decorator that adds a function to `tests`; its argument is the patch that it needs, None for what is no patch."""
    def of(patch):
        def add(function):
            tests.append(Test(function.__name__.replace("_", " "), patch, function))
            return function
        return add
    return of


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r}, not {expected!r}")


def true(value, what):
    if not value:
        raise AssertionError(what)


def refused(code, words, function, **arguments):
    """AWS refuses the call with this code and these words."""
    try:
        answer = function(**arguments)
    except ClientError as error:
        equal(error.response["Error"]["Code"], code)
        true(words in error.response["Error"]["Message"], f"{error.response['Error']['Message']!r} has no {words!r}")
        return error.response
    raise AssertionError(f"not refused: {answer}")
