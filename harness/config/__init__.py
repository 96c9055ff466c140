"""Suites and configs: YAML -> frozen settings. Paths are relative to the file that names them."""

from harness.config.configs import Config, LoadedConfig, TimingProfile, load_config, loaded, pipeline_names
from harness.config.endpoints import EndpointModel, RerankEndpoint
from harness.config.models import (
    MODEL_KINDS,
    CustomModel,
    EncoderPair,
    LiveModel,
    ModelSettings,
    PackagedModel,
    Pooling,
    Precision,
    Prompts,
    RecipeModel,
)
from harness.config.suites import (
    LoadedSuite,
    Needs,
    Suite,
    Terms,
    is_judgments,
    load_suite,
    suite_of_judgments,
)
from harness.search.settings import Bm25, Similarity
from harness.values import check_device, check_name, digest

__all__ = [
    "MODEL_KINDS",
    "Bm25",
    "Config",
    "CustomModel",
    "EncoderPair",
    "EndpointModel",
    "LiveModel",
    "LoadedConfig",
    "LoadedSuite",
    "ModelSettings",
    "Needs",
    "PackagedModel",
    "Pooling",
    "Precision",
    "Prompts",
    "RecipeModel",
    "RerankEndpoint",
    "Similarity",
    "Suite",
    "Terms",
    "TimingProfile",
    "check_device",
    "check_name",
    "digest",
    "is_judgments",
    "load_config",
    "load_suite",
    "loaded",
    "pipeline_names",
    "suite_of_judgments",
]
