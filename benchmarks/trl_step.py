"""One GRPO step of TRL's GRPOTrainer on a GGUF model: the peer of `agentrl bench step`.

Every prompt has exactly --prompt-tokens tokens and every rollout exactly --completion-tokens (the stop token is barred
until then), so that both programs do the same work: sample prompts x group sequences, score them, one gradient step.
No reference model (beta 0), one update a batch, AdamW. The reward is arithmetic on the sampled ids: it costs nothing
and differs within a group, so that advantages and gradients are not zero.

Prints one JSON object: step_seconds (median over --repeat steps after --warmup ones), rollout_seconds,
train_seconds, dtype, threads, versions. Peak memory is measured by compare-step, from outside.
"""

import argparse
import json
import os
import statistics
import tempfile
import time

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import torch
import transformers
import trl
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--policy", required=True, help="a .gguf file")
    parser.add_argument("--prompts", type=int, default=4)
    parser.add_argument("--group", type=int, default=8)
    parser.add_argument("--prompt-tokens", type=int, default=256)
    parser.add_argument("--completion-tokens", type=int, default=128)
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--micro-batch", type=int, default=8, help="sequences in one forward and backward pass")
    parser.add_argument("--threads", type=int, default=0, help="0: as torch chooses")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--warmup", type=int, default=1)
    return parser.parse_args()


def make_prompts(tokenizer, count, length):
    """Texts that the trainer's tokenizer turns into exactly `length` tokens each."""
    words = "the sum of seven apples and nine pears is more than what one box can hold so we count them again".split()
    prompts = []
    for index in range(count):
        text = words[index % len(words)]
        position = index
        while (tokens := len(tokenizer(text)["input_ids"])) < length:
            position += 1
            text += " " + words[position % len(words)]
        assert tokens == length, f"prompt {index} has {tokens} tokens instead of {length}"
        prompts.append({"prompt": text})
    return prompts


class StepTimer(TrainerCallback):
    """Whole steps, from their first micro-batch's rollout to after the optimizer's update."""

    def __init__(self):
        self.steps, self.rollouts, self.started = [], [], None

    def on_step_begin(self, *_, **__):
        self.started = time.perf_counter()

    def on_step_end(self, *_, **__):
        self.steps.append(time.perf_counter() - self.started)

    def time_rollouts(self, trainer):
        generate = trainer._generate_single_turn

        def timed(*arguments, **options):
            started = time.perf_counter()
            result = generate(*arguments, **options)
            self.rollouts.append(time.perf_counter() - started)
            return result

        trainer._generate_single_turn = timed


def main():
    options = parse_arguments()
    if options.threads:
        torch.set_num_threads(options.threads)
    folder, file = os.path.split(os.path.abspath(options.policy))
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=getattr(torch, options.dtype))
    # The weights are plain floats by now; the trainer refuses models that still call themselves quantized.
    model.is_quantized, model.hf_quantizer = False, None
    model.config.__dict__.pop("quantization_config", None)
    rollouts = options.prompts * options.group
    assert rollouts % options.micro_batch == 0, "--micro-batch must divide prompts x group"

    def reward(completion_ids, **_):
        lengths = {len(ids) for ids in completion_ids}
        assert lengths == {options.completion_tokens}, f"rollouts of {lengths} tokens"
        return [sum(ids) % 11 / 10 for ids in completion_ids]

    micro_batches = rollouts // options.micro_batch
    timer = StepTimer()
    with tempfile.TemporaryDirectory() as output:
        config = trl.GRPOConfig(
            output_dir=output,
            per_device_train_batch_size=options.micro_batch,
            gradient_accumulation_steps=micro_batches,
            steps_per_generation=micro_batches,
            num_generations=options.group,
            max_completion_length=options.completion_tokens,
            generation_kwargs={"min_new_tokens": options.completion_tokens},
            temperature=1.0,
            top_k=0,
            beta=0.0,
            learning_rate=1e-4,
            max_steps=options.warmup + options.repeat,
            bf16=False,
            fp16=False,
            gradient_checkpointing=False,
            use_cpu=True,
            save_strategy="no",
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
            dataloader_pin_memory=False,
            seed=0,
        )
        trainer = trl.GRPOTrainer(
            model=model,
            reward_funcs=reward,
            args=config,
            train_dataset=Dataset.from_list(make_prompts(tokenizer, options.prompts, options.prompt_tokens)),
            processing_class=tokenizer,
            callbacks=[timer],
        )
        timer.time_rollouts(trainer)
        before = model.model.layers[0].mlp.up_proj.weight.detach().clone()
        trainer.train()
    assert not torch.equal(before, model.model.layers[0].mlp.up_proj.weight), "the step changed nothing"

    steps = timer.steps[options.warmup :]
    sampling = timer.rollouts[options.warmup :]
    print(
        json.dumps(
            {
                "step_seconds": round(statistics.median(steps), 2),
                "rollout_seconds": round(statistics.median(sampling), 2),
                "train_seconds": round(statistics.median(s - r for s, r in zip(steps, sampling)), 2),
                "steps": [round(step, 2) for step in steps],
                "dtype": options.dtype,
                "threads": torch.get_num_threads(),
                "versions": {
                    "torch": torch.__version__,
                    "transformers": transformers.__version__,
                    "trl": trl.__version__,
                },
            }
        )
    )


if __name__ == "__main__":
    main()
