/** The vendors' clients for Python, unmodified, with a model behind every API. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { models, startConformanceHouse, type ConformanceHouse } from '../env/conformance-house.ts'
import { python, pythonWithClients, runPython } from '../env/python-client.ts'

let all: ConformanceHouse
beforeAll(async () => {
  if (python !== undefined) all = await startConformanceHouse()
}, 60_000)
afterAll(() => all?.[Symbol.asyncDispose](), 60_000)

const prelude = `
import json, os
model, url, key = os.environ["MODEL"], os.environ["URL"], os.environ["KEY"]
weather = "What is the weather in Oslo and Bergen?"
schema = {"type": "object", "properties": {"city": {"type": "string"}}}
schema |= {"required": ["city"], "additionalProperties": False}

def refused(work, kind, **wanted):
    try:
        work()
    except kind as error:
        for name, value in wanted.items():
            assert getattr(error, name) == value, (name, getattr(error, name))
        return
    raise AssertionError("it went well")
`

const openai = `${prelude}
import openai
from pydantic import BaseModel
client = openai.OpenAI(base_url=url + "/v1", api_key=key, max_retries=0)
chat = client.chat.completions

class Reading(BaseModel):
    place: str
    degrees: int

def user(text):
    return {"role": "user", "content": text}

answer = chat.create(model=model, messages=[{"role": "system", "content": "Answer in capitals."}, user("Hello")])
assert answer.choices[0].message.content == "HELLO THERE", answer
assert answer.usage.completion_tokens == 2 and answer.usage.prompt_tokens_details.cached_tokens == 4, answer.usage

usage = {"include_usage": True}
chunks = list(chat.create(model=model, messages=[user("Count to 5")], stream=True, stream_options=usage))
assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "1 2 3 4 5", chunks
assert chunks[-1].usage.completion_tokens == 5, chunks[-1]

tool = {"type": "function", "function": {"name": "weather", "parameters": schema, "strict": True}}
for streamed in (False, True):
    if streamed:
        with chat.stream(model=model, messages=[user(weather)], tools=[tool]) as stream:
            first = stream.get_final_completion().choices[0]
    else:
        first = chat.create(model=model, messages=[user(weather)], tools=[tool]).choices[0]
    assert first.finish_reason == "tool_calls", first
    calls = first.message.tool_calls
    assert [json.loads(call.function.arguments)["city"] for call in calls] == ["Oslo", "Bergen"], calls
    named = [{"name": call.function.name, "arguments": call.function.arguments} for call in calls]
    asked = [{"id": call.id, "type": "function", "function": each} for call, each in zip(calls, named)]
    said = {"role": "assistant", "tool_calls": asked}
    results = [{"role": "tool", "tool_call_id": call.id, "content": "rain"} for call in calls]
    second = chat.create(model=model, messages=[user(weather), said, *results], tools=[tool])
    assert second.choices[0].message.content == "The result: rain and rain", second

parsed = chat.parse(model=model, messages=[user("A reading")], response_format=Reading)
assert parsed.choices[0].message.parsed == Reading(place="Hello there", degrees=7), parsed

first = client.responses.create(model=model, input="I am Ada")
assert first.output_text == "Hello there" and first.status == "completed", first
second = client.responses.create(model=model, input="What came first?", previous_response_id=first.id)
assert second.output_text == "First you said: I am Ada", second
assert client.responses.retrieve(second.id).output_text == second.output_text
with client.responses.stream(model=model, input="Count to 5") as stream:
    types = [event.type for event in stream]
    assert stream.get_final_response().output_text == "1 2 3 4 5"
assert types[0] == "response.created" and types[-1] == "response.completed", types
assert client.responses.parse(model=model, input="A reading", text_format=Reading).output_parsed.degrees == 7
client.responses.delete(second.id)
refused(lambda: client.responses.retrieve(second.id), openai.NotFoundError)

refused(lambda: chat.create(model="nobody", messages=[user("x")]), openai.NotFoundError, code="model_not_found")
narrated = [{"role": "narrator", "content": "x"}]
refused(lambda: chat.create(model=model, messages=narrated), openai.BadRequestError, param="messages[0].role")
refused(lambda: chat.create(model=model, messages=[user("too long")]), openai.BadRequestError)
refused(lambda: chat.create(model=model, messages=[user("fail with 429")]), openai.InternalServerError, status_code=503)
stranger = openai.OpenAI(base_url=url + "/v1", api_key="no", max_retries=0)
refused(stranger.models.list, openai.AuthenticationError)
broken = [user("Count to 9 and break off")]
refused(lambda: list(chat.create(model=model, messages=broken, stream=True)), openai.APIError)
assert model in [each.id for each in client.models.list()]
print("all is well")
`

const anthropic = `${prelude}
import anthropic
client = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0)
ask = {"model": model, "max_tokens": 2000}

def user(text):
    return {"role": "user", "content": text}

answer = client.messages.create(**ask, system="Answer in capitals.", messages=[user("Hello")])
assert answer.content[0].text == "HELLO THERE" and answer.stop_reason == "end_turn", answer
assert answer.usage.output_tokens == 2 and answer.usage.cache_read_input_tokens == 4, answer.usage

with client.messages.stream(**ask, messages=[user("Count to 5")]) as stream:
    pieces = list(stream.text_stream)
    assert len(pieces) > 3 and "".join(pieces) == "1 2 3 4 5", pieces
    assert stream.get_final_message().usage.output_tokens == 5

tool = {"name": "weather", "input_schema": schema}
for streamed in (False, True):
    if streamed:
        with client.messages.stream(**ask, messages=[user(weather)], tools=[tool]) as stream:
            first = stream.get_final_message()
    else:
        first = client.messages.create(**ask, messages=[user(weather)], tools=[tool])
    assert first.stop_reason == "tool_use", first
    calls = [block for block in first.content if block.type == "tool_use"]
    assert [call.input["city"] for call in calls] == ["Oslo", "Bergen"], calls
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": "rain"} for call in calls]
    said = {"role": "assistant", "content": first.content}
    turns = [user(weather), said, {"role": "user", "content": results}]
    second = client.messages.create(**ask, messages=turns, tools=[tool])
    assert second.content[0].text == "The result: rain and rain", second

assert client.messages.count_tokens(model=model, messages=[user("Hello to all of you")]).input_tokens > 3
refused(lambda: client.messages.create(**{**ask, "model": "nobody"}, messages=[user("x")]), anthropic.NotFoundError)
narrated = [{"role": "narrator", "content": "x"}]
refused(lambda: client.messages.create(**ask, messages=narrated), anthropic.BadRequestError)
refused(lambda: client.messages.create(**ask, messages=[user("too long")]), anthropic.BadRequestError)
refused(lambda: client.messages.create(**ask, messages=[user("fail with 529")]), anthropic.InternalServerError)
stranger = anthropic.Anthropic(base_url=url, api_key="no", max_retries=0)
refused(lambda: stranger.messages.create(**ask, messages=[user("x")]), anthropic.AuthenticationError)

def broken():
    with client.messages.stream(**ask, messages=[user("Count to 9 and break off")]) as stream:
        stream.get_final_message()
refused(broken, anthropic.APIError)
print("all is well")
`

const cases = Object.entries({ openai, anthropic }).flatMap(([name, script]) =>
  Object.values(models).map((model) => [name, model, script] as const),
)

test.skipIf(python === undefined).each(cases)(
  "Python's client of %s with %s (needs HEARTH_TEST_SYSTEM=1)",
  async (_, model, script) => {
    const env = { URL: all.house.url, KEY: all.house.adminKey, MODEL: model }
    expect(await runPython([await pythonWithClients(), '-c', script], env)).toBe('all is well\n')
  },
  180_000,
)
