"""What is in the folder `templates`: web pages and parts of them, in which all text is escaped."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template


@cache
def template(name: str) -> Template:
    """Return a template; a variable that it is not given is an error."""
    environment = Environment(
        loader=PackageLoader("pipelines"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template(name)
