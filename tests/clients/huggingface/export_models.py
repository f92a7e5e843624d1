#!/usr/bin/env python3
"""Makes the models of this folder: export_models.py (with Debian's python3-torch).

Tiny transformers with random weights, exported by PyTorch in the layout of @huggingface/transformers, and expected.json
with what PyTorch itself computes. The results are committed; run this to make others.
"""
import json
import os

import torch
from torch import nn

WORDS = """the a cat dog bird house tree river mountain sees likes eats runs sleeps sings is was red green blue small big
old new good bad very not and or with in on under hello world how are you i we they this that it good morning night""".split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
VOCABULARY = SPECIAL + sorted(set(WORDS)) + ["##s", "##ing", "##er", ".", ",", "!", "?"]
HIDDEN, HEADS, LAYERS, INNER, POSITIONS = 16, 2, 2, 32, 64
HERE = os.path.dirname(os.path.abspath(__file__))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(HIDDEN, HIDDEN) for _ in range(4))

    def split(self, x):
        return x.view(x.shape[0], x.shape[1], HEADS, HIDDEN // HEADS).transpose(1, 2)

    def forward(self, x, bias, past=None):
        q, k, v = self.split(self.q(x)), self.split(self.k(x)), self.split(self.v(x))
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        weights = torch.softmax(q @ k.transpose(-1, -2) / (HIDDEN // HEADS) ** 0.5 + bias, -1)
        merged = (weights @ v).transpose(1, 2).reshape(x.shape[0], x.shape[1], HIDDEN)
        return self.o(merged), (k, v)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = Attention()
        self.up, self.down = nn.Linear(HIDDEN, INNER), nn.Linear(INNER, HIDDEN)
        self.norm1, self.norm2 = nn.LayerNorm(HIDDEN), nn.LayerNorm(HIDDEN)

    def forward(self, x, bias, past=None):
        attended, present = self.attention(x, bias, past)
        x = self.norm1(x + attended)
        return self.norm2(x + self.down(nn.functional.gelu(self.up(x)))), present


class Encoder(nn.Module):
    """BERT. head: None, or the number of outputs, per sequence or per token."""

    def __init__(self, head=None, per_token=False):
        super().__init__()
        self.words, self.positions = nn.Embedding(len(VOCABULARY), HIDDEN), nn.Embedding(POSITIONS, HIDDEN)
        self.types, self.norm = nn.Embedding(2, HIDDEN), nn.LayerNorm(HIDDEN)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.head = nn.Linear(HIDDEN, head) if head else None
        self.per_token = per_token

    def forward(self, input_ids, attention_mask, token_type_ids):
        positions = torch.arange(input_ids.shape[1]).unsqueeze(0)
        x = self.norm(self.words(input_ids) + self.positions(positions) + self.types(token_type_ids))
        bias = (1.0 - attention_mask[:, None, None, :].float()) * -1e4
        for block in self.blocks:
            x, _ = block(x, bias)
        if self.head is None:
            return x
        return self.head(x if self.per_token else x[:, 0])


class Decoder(nn.Module):
    """GPT-2 with a cache of keys and values."""

    def __init__(self):
        super().__init__()
        self.words, self.positions = nn.Embedding(len(VOCABULARY), HIDDEN), nn.Embedding(POSITIONS, HIDDEN)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.head = nn.Linear(HIDDEN, len(VOCABULARY), bias=False)

    def forward(self, input_ids, attention_mask, position_ids, *past):
        x = self.words(input_ids) + self.positions(position_ids)
        keys = torch.arange(attention_mask.shape[1])
        causal = keys[None, None, None, :] <= position_ids[:, None, :, None]
        bias = (1.0 - (causal & (attention_mask[:, None, None, :] > 0)).float()) * -1e4
        presents = []
        for i, block in enumerate(self.blocks):
            x, present = block(x, bias, (past[2 * i], past[2 * i + 1]))
            presents += present
        return (self.head(x), *presents)


def ids_of(text):
    return [VOCABULARY.index("[CLS]")] + [VOCABULARY.index(w) for w in text.split()] + [VOCABULARY.index("[SEP]")]


def tokenizer(post_process):
    cls, sep = VOCABULARY.index("[CLS]"), VOCABULARY.index("[SEP]")
    special = lambda name, type_id: {"SpecialToken": {"id": name, "type_id": type_id}}
    sequence = lambda name, type_id: {"Sequence": {"id": name, "type_id": type_id}}
    template = {
        "type": "TemplateProcessing",
        "single": [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0)],
        "pair": [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0), sequence("B", 1), special("[SEP]", 1)],
        "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [cls], "tokens": ["[CLS]"]},
                           "[SEP]": {"id": "[SEP]", "ids": [sep], "tokens": ["[SEP]"]}}}
    added = [{"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
              "special": True} for i, t in enumerate(SPECIAL)]
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
                       "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": template if post_process else None,
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": {t: i for i, t in enumerate(VOCABULARY)}}}


def write(name, config, post_process=True):
    folder = os.path.join(HERE, "models", name)
    os.makedirs(os.path.join(folder, "onnx"), exist_ok=True)
    common = {"vocab_size": len(VOCABULARY), "pad_token_id": 0}
    tokens = {"tokenizer_class": "BertTokenizer", "model_max_length": POSITIONS, "unk_token": "[UNK]", "sep_token": "[SEP]",
              "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]", "do_lower_case": True}
    for file, content in (("config.json", {**common, **config}), ("tokenizer.json", tokenizer(post_process)),
                          ("tokenizer_config.json", tokens)):
        with open(os.path.join(folder, file), "w") as f:
            json.dump(content, f, indent=1)
            f.write("\n")
    return os.path.join(folder, "onnx", "model.onnx")


def export_encoder(name, model, architecture, output, **config):
    bert = {"model_type": "bert", "architectures": [architecture], "hidden_size": HIDDEN, "num_attention_heads": HEADS,
            "num_hidden_layers": LAYERS, "intermediate_size": INNER, "max_position_embeddings": POSITIONS,
            "type_vocab_size": 2, **config}
    inputs = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {n: {0: "batch", 1: "sequence"} for n in inputs}
    axes[output] = {0: "batch", 1: "sequence"} if output == "last_hidden_state" or model.per_token else {0: "batch"}
    example = torch.ones(2, 5, dtype=torch.int64)
    torch.onnx.export(model, (example, example, example * 0), write(name, bert), input_names=inputs, output_names=[output],
                      dynamic_axes=axes, opset_version=16)


def run(model, text):
    ids = torch.tensor([ids_of(text)])
    return model(ids, torch.ones_like(ids), torch.zeros_like(ids))[0]


def export_decoder(model):
    config = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": HIDDEN, "n_head": HEADS,
              "n_layer": LAYERS, "n_positions": POSITIONS, "n_ctx": POSITIONS, "bos_token_id": 2, "eos_token_id": 3}
    past = [f"past_key_values.{i}.{k}" for i in range(LAYERS) for k in ("key", "value")]
    present = [n.replace("past_key_values", "present") for n in past]
    names = ["input_ids", "attention_mask", "position_ids"]
    axes = {"input_ids": {0: "batch", 1: "sequence"}, "position_ids": {0: "batch", 1: "sequence"},
            "attention_mask": {0: "batch", 1: "total"}, "logits": {0: "batch", 1: "sequence"}}
    axes.update({n: {0: "batch", 2: "past"} for n in past})
    axes.update({n: {0: "batch", 2: "total"} for n in present})
    ids = torch.ones(2, 3, dtype=torch.int64)
    cache = [torch.zeros(2, HEADS, 4, HIDDEN // HEADS) for _ in past]
    example = (ids, torch.ones(2, 7, dtype=torch.int64), torch.arange(4, 7).repeat(2, 1), *cache)
    torch.onnx.export(model, example, write("tiny-gpt2", config, post_process=False), input_names=names + past,
                      output_names=["logits"] + present, dynamic_axes=axes, opset_version=16)


def generate(model, text, count):
    """Greedy decoding without the cache."""
    ids = [VOCABULARY.index(w) for w in text.split()]
    empty = [torch.zeros(1, HEADS, 0, HIDDEN // HEADS) for _ in range(2 * LAYERS)]
    for _ in range(count):
        n = len(ids)
        logits = model(torch.tensor([ids]), torch.ones(1, n, dtype=torch.int64), torch.arange(n)[None], *empty)[0]
        ids.append(int(logits[0, -1].argmax()))
        if ids[-1] == 3:
            break
    return ids


def main():
    torch.manual_seed(20)
    classifier, masked = Encoder(3).eval(), Encoder(len(VOCABULARY), per_token=True).eval()
    embedder, tagger, decoder = Encoder().eval(), Encoder(2, per_token=True).eval(), Decoder().eval()
    labels = {"0": "LOW", "1": "MIDDLE", "2": "HIGH"}
    text, blank = "the cat sees a small bird", "the [MASK] likes the red house"
    with torch.no_grad():
        export_encoder("tiny-classifier", classifier, "BertForSequenceClassification", "logits", id2label=labels,
                       label2id={v: int(k) for k, v in labels.items()})
        export_encoder("tiny-masked", masked, "BertForMaskedLM", "logits")
        export_encoder("tiny-embedder", embedder, "BertModel", "last_hidden_state")
        export_encoder("tiny-tagger", tagger, "BertForTokenClassification", "logits", id2label={"0": "O", "1": "NAME"},
                       label2id={"O": 0, "NAME": 1})
        export_decoder(decoder)
        pooled = nn.functional.normalize(run(embedder, text).mean(0), dim=0)
        guesses = torch.softmax(run(masked, blank)[2], -1).topk(3)
        tags = torch.softmax(run(tagger, text), -1)
        expected = {
            "text": text, "blank": blank, "classes": torch.softmax(run(classifier, text), -1).tolist(),
            "embedding": pooled.tolist(), "guesses": [[VOCABULARY[i], float(p)] for p, i in zip(*guesses)],
            "tags": tags[1:-1, 1].tolist(), "generated": [VOCABULARY[i] for i in generate(decoder, "the dog", 12)]}
    with open(os.path.join(HERE, "expected.json"), "w") as f:
        json.dump(expected, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main()
