"""The conformance suite, for whoever writes a recommender or a source."""

from recommender.testing.contract import START as START
from recommender.testing.contract import RecommenderContract as RecommenderContract
from recommender.testing.contract import checkerboard as checkerboard
from recommender.testing.contract import history_of as history_of
from recommender.testing.contract import replace_line as replace_line
from recommender.testing.source import Alone as Alone
from recommender.testing.source import SourceContract as SourceContract
