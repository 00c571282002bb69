"""A function that a template can hold."""


def handler(event, context):
    return event
