"""Writes the fixtures of this folder with the libraries that they are compared to.

    pip install -r requirements.txt
    python generate.py                       # tokenizer.json, encodings.json, templates.json
    python generate.py --model SmolLM2.gguf  # and smollm2-encodings.json, on the model's own vocabulary
"""

import argparse
import json
import pathlib
import random

from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

FOLDER = pathlib.Path(__file__).parent
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
ORDINARY = ["<tool_call>", "</tool_call>"]

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace("{1,3}", "")

SENTENCES = [
    "The quick brown fox doesn't jump over the lazy dog; it'll rest, she's sure they've seen I'd go.",
    "def add(a, b):\n    return a + b  # sum of both\n\nfor i in range(10):\n\tprint(add(i, 2*i))\n",
    "What is 12 plus 345? The calculator gives 357. 3.14159 * 2 = 6.28318",
    '{"name":"calculator","arguments":{"expression":"(1+2)*3"}}',
    "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "Les élèves français ont déjà mangé à la façon d'hier. Größe, Straße, œuvre, señor.",
    "今日は良い天気です。你好，世界！漢字と한국어",
    "नमस्ते दुनिया — مرحبا بالعالم — שלום עולם",
    "👍🏽 👨‍👩‍👧‍👦 ❤️ 🇩🇪 emoji and cafe\u0301 with a combining accent",
    "Tabs\tand   many    spaces \n\n and\r\nnewlines  \n",
]


def corpus(seed=1, count=3000):
    words = [word for sentence in SENTENCES for word in sentence.split(" ")]
    stream = random.Random(seed)
    yield from SENTENCES * 20
    for _ in range(count):
        yield " ".join(stream.choice(words) for _ in range(stream.randint(3, 12)))


def byte_level(use_regex=True):
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=use_regex)


def digits_then_gpt2():
    return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level()])


def split_by(pattern):
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"), byte_level(False)])


def small_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = digits_then_gpt2()
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(set(pre_tokenizers.ByteLevel.alphabet()) - {"ÿ", "Ā"})
    trainer = trainers.BpeTrainer(
        vocab_size=1100, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.add_tokens([AddedToken(text, normalized=False, special=False) for text in ORDINARY])
    return tokenizer


def variants(tokenizer):
    """The same merges behind every pre-tokenizer that is supported."""
    copies = {name: Tokenizer.from_str(tokenizer.to_str()) for name in ["digitsThenGPT2", "gpt2", "llama3", "qwen2"]}
    copies["gpt2"].pre_tokenizer = byte_level()
    copies["llama3"].pre_tokenizer = split_by(LLAMA3)
    copies["qwen2"].pre_tokenizer = split_by(QWEN2)
    copies["qwen2"].normalizer = normalizers.NFC()
    llama = json.loads(copies["llama3"].to_str())
    llama["model"]["ignore_merges"] = True
    copies["llama3"] = Tokenizer.from_str(json.dumps(llama))
    return copies


ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyz", "ABCXYZ", "0123456789", " \t\n\r", "   ", "\u00a0\u2003\u3000\u0085",
    "!?.,;:-_()[]{}<>@#$%^&*+=/\\|~`\"'", "éèüñßçøåæœ", "абвгдежзиклмнопрст", "你好世界漢字日本語한국어",
    "مرحباשלום", "नमस्ते", "👍😀👨‍👩‍👧🇺🇸❤️🏽", "e\u0301\u0308\u200d\u200b\ufeff", "①½Ⅷ٣४²", "\x00\x01\x1b\x7f\x1c", "ſ'K",
]
CONTRACTIONS = ["'s", "'re", "'LL", "'Ve", "'d", "'M", "'T", "'ſ", "don't"]
EDGES = [
    "", " ", "  ", "\n", "\r\n", " \n ", "a  b", "a \n\n b", "  12  34 ", "x=1;y=22;z=333;w=4444", "\t\tif x:\n\t\t\tpass",
    "<|im_start|>user\nhi<|im_end|>", "<|im_end|", "<tool_call>{}</tool_call>", "<|im_start|><|im_start|>", "ÿĀ",
]


def lines(seed, count):
    stream = random.Random(seed)
    words = [word for sentence in SENTENCES for word in sentence.split(" ")]
    yield from EDGES
    yield from SENTENCES
    for _ in range(count):
        parts = []
        for _ in range(stream.randint(1, 8)):
            kind = stream.random()
            if kind < 0.35:
                parts.append(" " + stream.choice(words))
            elif kind < 0.8:
                alphabet = stream.choice(ALPHABETS)
                parts.append("".join(stream.choice(alphabet) for _ in range(stream.randint(1, 5))))
            elif kind < 0.87:
                code = stream.choice([(0, 0x2FF), (0x300, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF)])
                parts.append(chr(stream.randint(*code)))
            elif kind < 0.93:
                parts.append(stream.choice(CONTRACTIONS))
            else:
                parts.append(stream.choice(SPECIAL + ORDINARY))
        yield "".join(parts)


def encodings(tokenizer, texts, parse_special):
    tokenizer.encode_special_tokens = not parse_special
    encoded = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    result = []
    for text, ids in zip(texts, encoded):
        entry = {"text": text, "special": parse_special, "ids": ids}
        decoded = tokenizer.decode(ids, skip_special_tokens=False)
        if decoded != text:
            entry["decoded"] = decoded
        result.append(entry)
    return result


def model_tokenizer(path):
    import gguf

    fields = gguf.GGUFReader(path).fields
    tokens, types, merges = (fields[f"tokenizer.ggml.{key}"].contents() for key in ["tokens", "token_type", "merges"])
    tokenizer = Tokenizer(models.BPE(
        vocab={token: id for id, token in enumerate(tokens)}, merges=[tuple(merge.split(" ")) for merge in merges]))
    tokenizer.pre_tokenizer = digits_then_gpt2()
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(
        [AddedToken(token, special=True, normalized=False) for token, kind in zip(tokens, types) if kind == 3])
    return tokenizer


# Templates ---------------------------------------------------------------------------------------------------------

SMOLLM2 = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\n"
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

# Short templates in the manner of published ones, written for this test.
TOOLS_IN_SYSTEM = """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].role == 'system' %}
        {{- messages[0].content + '\\n\\n' }}
    {%- endif %}
    {{- "Tools:" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "<|im_end|>\\n" }}
{%- elif messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(last=messages|length - 1, found=false) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if not ns.found and message.role == "user" %}
        {%- set ns.found = true %}
        {%- set ns.last = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.role == "user" or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set content = message.content %}
        {%- if '</think>' in content and loop.index0 < ns.last %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {{- '<|im_start|>assistant\\n' + content }}
        {%- if message.tool_calls %}
            {%- for call in message.tool_calls %}
                {%- set call = call.function if call.function else call %}
                {{- '\\n<tool_call>\\n{"name": "' ~ call.name ~ '", "arguments": ' }}
                {%- if call.arguments is string %}{{ call.arguments }}{% else %}{{ call.arguments | tojson }}{% endif %}
                {{- '}\\n</tool_call>' }}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if loop.first or loop.previtem.role != "tool" %}{{- '<|im_start|>user' }}{% endif %}
        {{- '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' }}
        {%- if loop.last or loop.nextitem.role != "tool" %}{{- '<|im_end|>\\n' }}{% endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{% endif %}
"""

TRIMMED_HEADERS = """{{- bos_token }}
{%- if not date_string is defined %}
    {%- set date_string = "26 Jul 2024" if strftime_now is not defined else strftime_now("%d %b %Y") %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {%- if message.role not in ['user', 'assistant', 'tool'] %}
        {{- raise_exception('Unknown role: ' ~ message.role) }}
    {%- endif %}
    {{- '<|start_header_id|>' + ('ipython' if message.role == 'tool' else message.role) + '<|end_header_id|>\\n\\n' }}
    {{- message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""

MACRO = """{% macro field(name, value='none', last=false) -%}
  {{ name }}={{ value|replace("\\n", "\\\\n") }}{{ "" if last else "; " }}
{%- endmacro %}
{# every message on one line #}
{% for message in messages if message.role != 'system' %}
  {{ loop.index }}/{{ loop.length }} {{ field('role', message.role) }}{{ field('text', value=message.content, last=true) }}
{% else %}
nothing
{% endfor %}
"""

MESSAGES = [
    {"role": "system", "content": " Be brief. \n"},
    {"role": "user", "content": "What is 2+2?"},
    {"role": "assistant", "content": "<think>\nsum\n</think>\n\nLet me see.", "tool_calls": [
        {"id": "call_0", "type": "function",
         "function": {"name": "calculator", "arguments": {"expression": "2+2", "é": [1, 2.5, None, True]}}}]},
    {"role": "tool", "content": "4", "name": "calculator", "tool_call_id": "call_0"},
    {"role": "tool", "content": "four", "name": "speller", "tool_call_id": "call_1"},
    {"role": "assistant", "content": "It is 4."},
    {"role": "user", "content": "Ünïcode 👍 \"quotes\" <b> & 'more'\r\n"},
]
TOOLS = [{"type": "function", "function": {
    "name": "calculator", "description": "Evaluates \"arithmetic\" <exactly>.\nNo units.",
    "parameters": {"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]}}}]
DATA = {
    "numbers": [3, 1, 2], "text": "  Hello, World! ", "empty": [], "nothing": None, "flag": True, "real": 2.5,
    "dictionary": {"b": 1, "a": {"x": [1, {"y": "z"}]}}, "words": ["beta", "Alpha", "gamma"],
    "people": [{"name": "Ada", "age": 36, "tags": ["x"]}, {"name": "Bob", "age": 7}, {"name": "Eve", "age": 36, "tags": []}],
    "unicode": "e\u0301é👍漢", "lines": "one\ntwo\r\n\nthree",
}

SNIPPETS = """{{ 1 + 2 * 3 - 4 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 2 ** 10 }} {{ 1.5 + 1 }} {{ 10 / 4 }}
{{ 'a' ~ 1 ~ true ~ none }} {{ "x" * 3 }} {{ [1] + [2, 'b'] }} {{ 'it\\'s' }} {{ "tab\\tend" }} {{ 'caf\\u00e9' }}
{{ 1 < 2 }} {{ 1 <= 1 < 2 }} {{ 'a' < 'b' }} {{ 3 != 3.0 }} {{ 1 == true }} {{ 'b' in 'abc' }} {{ 4 not in numbers }} {{ 'b' in dictionary }}
{{ true and 'yes' }} {{ '' or 'no' }} {{ not flag }} {{ not empty and flag or nothing }}
{{ numbers[0] }} {{ numbers[-1] }} {{ numbers[1:] }} {{ numbers[::-1] }} {{ numbers[:-1] }} {{ numbers[5:] }} {{ text[2:7] }} {{ text[::-2] }} {{ numbers[9] }}
{{ dictionary.a.x[1].y }} {{ dictionary['b'] }} {{ dictionary.missing }} {{ dictionary.a['x'][0] }} {{ people.0.name }}
{{ text.strip() }}|{{ text.lstrip() }}|{{ text.rstrip() }}|{{ text.upper() }}|{{ text.lower() }}|{{ text.strip().strip('!H') }}
{{ text.split(',') }} {{ text.split() }} {{ 'a--b--c'.split('--', 1) }} {{ lines.splitlines() }} {{ text.replace('l', 'L') }} {{ 'aaa'.replace('a', 'b', 2) }}
{{ 'hello world'.title() }} {{ 'hELLO'.capitalize() }} {{ text.find('W') }} {{ text.count('l') }} {{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }}
{{ text|trim|length }} {{ numbers|join('-') }} {{ numbers|sort|list }} {{ numbers|sort(reverse=true) }} {{ words|sort }} {{ people|map(attribute='name')|list }}
{{ people|selectattr('age', 'equalto', 36)|map(attribute='name')|join(', ') }} {{ people|rejectattr('tags', 'defined')|list }} {{ people|selectattr('tags')|list|length }}
{{ numbers|select('gt', 1)|list }} {{ numbers|reject('odd')|list }} {{ numbers|first }} {{ numbers|last }} {{ empty|first }} {{ numbers|sum }} {{ people|sum(attribute='age') }} {{ numbers|max }} {{ numbers|min }}
{{ missing|default('d') }} {{ ''|default('d') }} {{ ''|default('d', true) }} {{ nothing|default('n') }} {{ missing is defined }} {{ text is defined }}
{{ dictionary|tojson }} {{ people|tojson(indent=2) }} {{ unicode|tojson }} {{ empty|tojson }} {{ nothing|tojson }} {{ 1.0|tojson }} {{ dictionary|items|map('first')|list }}
{{ dictionary.items()|map('last')|list }} {{ dictionary.keys()|list }} {{ dictionary.get('zzz', 5) }} {{ dictionary.get('b') }} {{ dictionary|dictsort|map('first')|join }} {{ dictionary|length }}
{{ '12'|int + 1 }} {{ 'x'|int }} {{ '1.5'|float }} {{ 3.9|int }} {{ -3|abs }} {{ 5|string ~ '!' }} {{ words|map('upper')|list }} {{ [1,2,1]|unique|list }} {{ numbers|reverse|list }}
{{ 1 is odd }} {{ 2 is even }} {{ 9 is divisibleby 3 }} {{ 1 is number }} {{ 'a' is string }} {{ dictionary is mapping }} {{ numbers is iterable }} {{ nothing is none }} {{ flag is true }} {{ flag is boolean }} {{ 1 is not none }} {{ text is not string }} {{ 1.5 is float }} {{ 1 is integer }} {{ 1 is in numbers }} {{ numbers is sequence }}
{{ 'yes' if flag else 'no' }} {{ 'yes' if not flag }} {{ ('a' if nothing else 'b') ~ 'c' }} {{ 1 if false else 2 if false else 3 }}
{{ unicode|length }} {{ unicode[1] }} {{ unicode == 'éé👍漢' }} {{ unicode|upper }}
{{ [1, 2.0, 'a', true, none, {'k': "v'"}] }} {{ {} }} {{ (1, 2)|list }} {{ 'quote"s' }}{{ ["it's"] }}
{% set x = 5 %}{{ x }}{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set c %}<{{ x }}>{% endset %}{{ c }}
{% for i in range(3) %}{{ i }}{% if not loop.last %}, {% endif %}{% endfor %} {% for i in range(5, 0, -2) %}{{ i }}{% endfor %} {% for c in 'añ' %}[{{ c }}]{% endfor %}
{% for k, v in dictionary.items() %}{{ k }}:{{ v }} {% endfor %}{% for k in dictionary %}{{ k }}{% endfor %}{% for x in empty %}x{% else %}none{% endfor %}
{% for p in people if p.age > 10 %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ p.name }}{{ loop.cycle('o', 'e') }} {% endfor %}
{% set x = 1 %}{% for i in numbers %}{% set x = i %}{% endfor %}{{ x }}{% set ns = namespace(x=1) %}{% for i in numbers %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}
{% for i in numbers %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% if i == 2 %}{% break %}{% endif %}{% endfor %}
{% for i in numbers %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }};{% endfor %}{% for i in [1,2] %}{% for j in [3,4] %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}
{% raw %}{{ not read }} {% if %}{% endraw %} {# gone #}{{- ' tight ' -}} {{ '}}' }} {{ "{%" }}
{{ nothing }}{{ flag }}{{ real }}{{ 1e3 if false else 1000.0 }}{{ 100000000000000000.0 }}{{ 0.00001 }}
{% if nothing %}a{% elif numbers %}b{% else %}c{% endif %}{% if missing %}d{% endif %}{% if 0 %}e{% else %}f{% endif %}
{% macro m(a, b=2) %}{{ a }}+{{ b }}{% endmacro %}{{ m(1) }} {{ m(1, b=3) }} {{ m('x')|upper }}
{{ 'a\\nb'|indent(2) }} {{ ' x '|trim }}{{ 'xxaxx'|trim('x') }} {{ text|replace('o', '0') }} {{ 'one two'|title }} {{ 'ONE'|lower|capitalize }}
{{ 'ab' 'cd' }} {{ -1|abs }} {{ (-1)|abs }} {{ 'n' + 1|string }} {{ [1,2,3][1] }} {{ {'a': 1}.a }} {{ "%s" }} {{ 'pre-x'.removeprefix('pre-') }} {{ 'x.py'.removesuffix('.py') }}
{{ strftime_now('%Y-%m-%d %H:%M:%S %A %B %d %b %a %y %I %p %%') }}""".split("\n")

WHITESPACE = [
    "a\n  {% if true %}  \n  b\n  {% endif %}\n c \n", "a {%- if true -%} b {%- endif -%} c", "  {{ 'x' }}  \n\n{# c #}\n y\n",
    "\n\n  {%- set x = 1 %}\n  {{- x }}\n\t{%+ if x %} k {% endif +%} \n z\n\n", "x {# c -#} y {#- d #} z", "{% if true %}\r\nline\r\n{% endif %}\r\nend\r\n",
    "a\n\t {% for i in [1,2] %}\n\t - {{ i }}\n\t {% endfor %}\nb", "a  {% if 1 %}b{% endif %}  c", "{% if 1 %}\n\n  x{% endif %}", " {%- raw %}  \n{{ a }}\n {% endraw -%}  \n b",
]

ERRORS = [
    ("{{ missing.field }}", "rendering", 1), ("a\n{{ 1 + 'a' }}", "rendering", 2), ("\n\n{% if x %}", "syntax", 3),
    ("{{ 'open }}", "syntax", 1), ("{% unknown %}", "syntax", 1), ("{{ 1 + }}", "syntax", 1), ("x\n{{ raise_exception('no way') }}", "refused", 2),
    ("{{ x|nofilter }}", "rendering", 1), ("{{ x is notest }}", "rendering", 1), ("{{ nofunction() }}", "rendering", 1), ("{% for a, b in [1] %}{% endfor %}", "rendering", 1),
    ("{{ 1 // 0 }}", "rendering", 1), ("{# open", "syntax", 1), ("{% endfor %}", "syntax", 1), ("{{ [1, 2 }}", "syntax", 1), ("{{ (5).upper() }}", "rendering", 1),
]


def environment():
    result = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])

    def tojson(value, ensure_ascii=False, indent=None):
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent)

    def raise_exception(message):
        raise RuntimeError(message)

    def strftime_now(format):
        import datetime

        return datetime.datetime.fromtimestamp(NOW, datetime.timezone.utc).strftime(format)

    result.filters["tojson"] = tojson
    result.globals.update(raise_exception=raise_exception, strftime_now=strftime_now)
    return result


NOW = 1709164805  # 2024-02-29 00:00:05 UTC


def template_cases():
    jinja = environment()
    cases = []
    for name, source in [("smollm2", SMOLLM2), ("tools", TOOLS_IN_SYSTEM), ("headers", TRIMMED_HEADERS), ("macro", MACRO)]:
        for messages in [MESSAGES, MESSAGES[1:], MESSAGES[:2]]:
            for tools in [None, TOOLS]:
                for prompt in [True, False]:
                    output = jinja.from_string(source).render(
                        messages=messages, tools=tools, add_generation_prompt=prompt, bos_token="<|begin|>", documents=None)
                    cases.append({"name": name, "messages": messages, "tools": tools, "prompt": prompt, "output": output})
    sources = {"smollm2": SMOLLM2, "tools": TOOLS_IN_SYSTEM, "headers": TRIMMED_HEADERS, "macro": MACRO}
    snippets = [
        {"source": source, "output": jinja.from_string(source).render(**DATA)} for source in SNIPPETS + WHITESPACE
    ]
    errors = []
    for source, kind, line in ERRORS:
        try:
            jinja.from_string(source).render(x="x")
        except Exception:
            errors.append({"source": source, "kind": kind, "line": line})
        else:
            raise AssertionError(f"jinja2 renders {source!r}")
    return {"now": NOW, "sources": sources, "cases": cases, "data": DATA, "snippets": snippets, "errors": errors}


def write(name, value, **options):
    text = json.dumps(value, ensure_ascii=False, **options)
    (FOLDER / name).write_text(text.replace('}, {"', '},\n{"') + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", help="a GGUF file of SmolLM2")
    arguments = parser.parse_args()
    tokenizer = small_tokenizer()
    tokenizer.save(str(FOLDER / "tokenizer.json"), pretty=False)
    result = {}
    for name, variant in variants(tokenizer).items():
        texts = list(lines(2, 160))
        result[name] = {
            "normalizer": json.loads(variant.to_str())["normalizer"],
            "pre_tokenizer": json.loads(variant.to_str())["pre_tokenizer"],
            "ignore_merges": json.loads(variant.to_str())["model"]["ignore_merges"],
            "encodings": encodings(variant, texts[0::2], True) + encodings(variant, texts[1::2], False),
        }
    write("encodings.json", result)
    write("templates.json", template_cases())
    if arguments.model:
        model = model_tokenizer(arguments.model)
        texts = list(lines(3, 250))
        write("smollm2-encodings.json", encodings(model, texts[0::2], True) + encodings(model, texts[1::2], False))


if __name__ == "__main__":
    main()
