"""Writes the reference values of this folder with PyTorch and Hugging Face transformers.

    pip install -r requirements.txt
    python generate.py [SmolLM2-135M-Instruct.Q4_1.gguf]

tiny-llama/      a random Llama with grouped-query attention and awkward sizes: weights, config.json
tiny-scores.json log-probabilities, entropies and a loss of three sequences, computed in float64
tiny-gradients.safetensors   gradient of that loss at every weight, computed in float64
tensor-formats.json   random blocks of every tensor format, decoded by the gguf package
adamw.json       three steps of torch.optim.AdamW
smollm2.json     logits and log-probabilities of SmolLM2 read from its GGUF file (only with the argument)
"""

import json
import os
import sys

import gguf
import numpy
import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

HERE = os.path.dirname(os.path.abspath(__file__))
TEMPERATURE = 0.7


def path(name):
    return os.path.join(HERE, name)


def write_json(name, value):
    with open(path(name), "w") as file:
        json.dump(value, file, separators=(",", ":"))
        file.write("\n")


def tiny_model():
    torch.manual_seed(20261)
    config = LlamaConfig(
        vocab_size=61, hidden_size=36, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=10,
        intermediate_size=44, max_position_embeddings=128, rms_norm_eps=1e-5, rope_theta=10000.0,
        tie_word_embeddings=False, attn_implementation="eager")
    model = LlamaForCausalLM(config).float().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter.copy_(1 + 0.2 * torch.randn_like(parameter))
            else:
                parameter.copy_(0.25 * torch.randn_like(parameter))
    os.makedirs(path("tiny-llama"), exist_ok=True)
    save_file({n: p.detach().contiguous() for n, p in model.named_parameters()},
              path("tiny-llama/model.safetensors"), metadata={"format": "pt"})
    keys = ["vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim",
            "intermediate_size", "max_position_embeddings", "rms_norm_eps", "tie_word_embeddings", "model_type",
            "hidden_act"]
    written = {key: getattr(config, key) for key in keys}
    written["rope_theta"] = 10000.0
    write_json("tiny-llama/config.json", written)
    return model.double()


def tiny_scores(model):
    generator = torch.Generator().manual_seed(7)
    draw = lambda count: torch.randint(0, 61, (count,), generator=generator).tolist()
    prompt = draw(35)
    # Two members of a group share a prompt; the third is alone.
    sequences = [prompt + draw(14), prompt + draw(5), draw(40)]
    scored = [list(range(35, 49)), [36, 38, 39], list(range(1, 40, 3))]
    loss = 0
    records = []
    for tokens, positions in zip(sequences, scored):
        logits = model(torch.tensor([tokens])).logits[0]
        logprobs = torch.log_softmax(logits / TEMPERATURE, -1)
        entropy = -(logprobs.exp() * logprobs).sum(-1)
        at = torch.tensor(positions)
        picked = logprobs[at - 1, torch.tensor(tokens)[at]]
        entropies = entropy[at - 1]
        dlogprob = torch.randn(len(positions), generator=generator).double()
        dentropy = 0.3 * torch.randn(len(positions), generator=generator).double()
        loss = loss + (dlogprob * picked).sum() + (dentropy * entropies).sum()
        records.append({
            "tokens": tokens, "scored": positions, "logprobs": picked.tolist(), "entropies": entropies.tolist(),
            "dlogprobs": dlogprob.tolist(), "dentropies": dentropy.tolist(), "last_logits": logits[-1].tolist()})
    loss.backward()
    write_json("tiny-scores.json", {"temperature": TEMPERATURE, "loss": loss.item(), "sequences": records})
    save_file({n: p.grad.float().contiguous() for n, p in model.named_parameters()},
              path("tiny-gradients.safetensors"))


def adamw():
    torch.manual_seed(3)
    matrix = torch.nn.Parameter(torch.randn(3, 7))
    start = matrix.detach().flatten().tolist()
    optimizer = torch.optim.AdamW([matrix], lr=0.01, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)
    steps = []
    for _ in range(3):
        matrix.grad = torch.randn(3, 7)
        gradient = matrix.grad.flatten().tolist()
        optimizer.step()
        state = optimizer.state[matrix]
        steps.append({"gradient": gradient, "parameters": matrix.detach().flatten().tolist(),
                      "mean": state["exp_avg"].flatten().tolist(), "variance": state["exp_avg_sq"].flatten().tolist()})
    write_json("adamw.json", {"learning_rate": 0.01, "betas": [0.9, 0.95], "weight_decay": 0.1, "start": start,
                              "steps": steps})


def tensor_formats():
    random = numpy.random.default_rng(11)
    record = {}
    for name, halves in [("F16", 0), ("BF16", 0), ("Q8_0", 1), ("Q4_0", 1), ("Q4_1", 2)]:
        kind = gguf.GGMLQuantizationType[name]
        values, size = gguf.GGML_QUANT_SIZES[kind]
        blocks = 3 if values > 1 else 64
        data = random.integers(0, 256, (blocks, size), dtype=numpy.uint8)
        if name == "F16":  # finite, denormals included
            data[:, 1] &= 0xBB
        if name == "BF16":
            data[:, 1] &= 0xBF
        if halves:  # scales are finite halves, one of them a denormal
            scales = numpy.array([[0.37, -1.5], [3e-6, 0.25], [-21.0, 8.5]], dtype=numpy.float16)[:, :halves]
            data[:, :2 * halves] = numpy.ascontiguousarray(scales).view(numpy.uint8)
        decoded = gguf.quants.dequantize(data.reshape(1, -1), kind).flatten()
        record[name] = {"bytes": data.flatten().tolist(), "values": [float(value) for value in decoded]}
    write_json("tensor-formats.json", record)


def smollm2(file):
    model = AutoModelForCausalLM.from_pretrained(
        os.path.dirname(file), gguf_file=os.path.basename(file), dtype=torch.float32, attn_implementation="eager")
    model.eval()
    # "<|im_start|>user\nWhat is 12 + 30?<|im_end|>\n<|im_start|>assistant\n12 + 30 = 42" in SmolLM2's vocabulary,
    # followed by arbitrary ids that reach both ends of the vocabulary.
    tokens = [1, 4093, 198, 1780, 314, 216, 33, 34, 1232, 216, 35, 32, 47, 2, 198, 1, 520, 9531, 198, 33, 34, 1232, 216,
              35, 32, 446, 216, 36, 34, 0, 49151, 1000, 20000, 40000, 2, 17, 31234, 5]
    with torch.no_grad():
        logits = model(torch.tensor([tokens])).logits[0]
        logprobs = torch.log_softmax(logits.double(), -1)
    rows = []
    for row in [0, 13, 25, len(tokens) - 1]:
        values, ids = logits[row].topk(8)
        spread = list(range(0, logits.shape[1], 1777))
        rows.append({"row": row, "top_ids": ids.tolist(), "top_logits": values.tolist(), "ids": spread,
                     "logits": logits[row, spread].tolist()})
    write_json("smollm2.json", {
        "tokens": tokens, "rows": rows,
        "logprobs": [logprobs[i - 1, tokens[i]].item() for i in range(1, len(tokens))]})


if __name__ == "__main__":
    tiny_scores(tiny_model())
    adamw()
    tensor_formats()
    if len(sys.argv) > 1:
        smollm2(os.path.abspath(sys.argv[1]))
