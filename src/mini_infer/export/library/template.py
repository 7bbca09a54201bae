"""Texts with words between `@` that stand for what a product says."""

from mini_infer.codegen import comment
from mini_infer.export.library.product import Product
from mini_infer.version import __version__


def fill(text: str, product: Product, **values: str) -> str:
    """The text with its words replaced: those given, which may have others in them, then those of every file."""
    common = {
        "VERSION": __version__,
        "NAME": product.names.lower,
        "UPPER": product.names.upper,
        "MODEL": comment(product.model),
    }
    for name, value in {**values, **common}.items():
        text = text.replace(f"@{name}@", value)
    return text
