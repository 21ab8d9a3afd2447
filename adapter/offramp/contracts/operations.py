"""What a vendor may be asked besides an answer, one constant each. An operation pairs a question with its answer."""

from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

from offramp.types import Embeddings, EmbedRequest, GenerateRequest, ListModels, ModelList, TokenCount, value

OperationName: TypeAlias = Literal["count_tokens", "embeddings", "models"]
"""As a profile's capabilities name them, too."""

AskedT = TypeVar("AskedT", bound=GenerateRequest | EmbedRequest | ListModels)
ToldT = TypeVar("ToldT", bound=TokenCount | Embeddings | ModelList)


@value
class Operation(Generic[AskedT, ToldT]):
    """A question of one kind, and its answer's kind."""

    name: OperationName
    title: str
    """As a sentence names it: `it cannot …`."""


AnyOperation = Operation[Any, Any]

COUNT_TOKENS: Final[Operation[GenerateRequest, TokenCount]] = Operation("count_tokens", "count tokens before a call")
EMBED: Final[Operation[EmbedRequest, Embeddings]] = Operation("embeddings", "make embeddings")
LIST_MODELS: Final[Operation[ListModels, ModelList]] = Operation("models", "list its models")
