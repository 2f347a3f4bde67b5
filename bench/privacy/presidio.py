"""What Presidio's analyzer takes for the texts on standard input, a JSON array of strings: every recogniser of its
registry for English that needs no model, over a blank tokenizer. Writes, as JSON, the seconds of processor time for one
look at each text (median of rounds) and how many entities it found. Reaches nothing outside."""

import json
import statistics
import sys
import time

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine

# The list of public suffixes that is in its package, instead of a download.
tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
tldextract.extract = tldextract.tldextract.TLD_EXTRACTOR


class BlankNlpEngine(SpacyNlpEngine):
    def __init__(self):
        super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
        self.nlp = {"en": spacy.blank("en")}
        self.nlp["en"].max_length = 10_000_000


def seconds_of(analyzer, text, rounds):
    found = analyzer.analyze(text, language="en")
    seconds = []
    for _ in range(rounds):
        before = time.process_time()
        analyzer.analyze(text, language="en")
        seconds.append(time.process_time() - before)
    return {"seconds": statistics.median(seconds), "found": len(found)}


registry = RecognizerRegistry()
registry.load_predefined_recognizers(languages=["en"])
registry.remove_recognizer("SpacyRecognizer")
analyzer = AnalyzerEngine(registry=registry, nlp_engine=BlankNlpEngine(), supported_languages=["en"])
rounds = int(sys.argv[1])
texts = json.load(sys.stdin)
print(json.dumps({"recognisers": len(registry.recognizers), "rows": [seconds_of(analyzer, t, rounds) for t in texts]}))
