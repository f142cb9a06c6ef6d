"""Loads, as soon as it is imported, what reads pages: workers forked after that share it."""

import gc

import pipelines.pool
import pipelines.reading
import pipelines.worker  # noqa: F401
from pipelines.judging.classifier import score
from pipelines.text.language import identify

score("", "we share your personal information", identify("we share your personal information").code)
gc.set_threshold(10_000)  # a page makes thousands of objects, and hardly a cycle of them
gc.freeze()  # or the first collection of each worker would make it a copy of its own
