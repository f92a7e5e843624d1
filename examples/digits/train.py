#!/usr/bin/env python3
"""Trains the digit classifier of this folder and writes everything the demo needs.

Data: scikit-learn's load_digits, 1797 handwritten digits of 8 x 8 pixels with values 0 to 16 (the test part of the UCI
set "Optical Recognition of Handwritten Digits"). A fifth of them, 360 pictures chosen with a fixed seed and in equal
shares per class, is held out: it is used neither for training nor for choosing anything.

Needs (Debian 12): python3-torch python3-sklearn python3-onnx python3-pil. Takes about ten seconds on one core.
"""
import argparse
import pathlib

import numpy as np
import onnx
import torch
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

SEED = 7
EPOCHS = 60


class Digits(nn.Module):
    """8 x 8 grey values in [0, 1] to the probabilities of ten digits."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(),
            nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 48, 3, padding=1), nn.BatchNorm2d(48), nn.ReLU(), nn.MaxPool2d(2))
        self.classify = nn.Sequential(nn.Flatten(), nn.Dropout(0.4), nn.Linear(48 * 2 * 2, 10))

    def logits(self, x):
        return self.classify(self.features(x))

    def forward(self, x):
        return torch.softmax(self.logits(x), dim=1)


def as_input(pictures):
    return torch.from_numpy(pictures.astype(np.float32) / 16).unsqueeze(1)


def shifted(batch, rng):
    """The batch moved by up to one pixel, with empty pixels coming in."""
    dx, dy = rng.integers(-1, 2, 2)
    padded = nn.functional.pad(batch, (1, 1, 1, 1))
    return padded[:, :, 1 + dy:9 + dy, 1 + dx:9 + dx]


def train(model, x, y, rng):
    optimizer = torch.optim.Adam(model.parameters(), 2e-3, weight_decay=1e-4)
    steps = -(-len(x) // 32)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, EPOCHS * steps)
    model.train()
    for _ in range(EPOCHS):
        for chosen in np.array_split(rng.permutation(len(x)), steps):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model.logits(shifted(x[chosen], rng)), y[chosen]).backward()
            optimizer.step()
            schedule.step()
    model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent, help="folder to write to")
    out = parser.parse_args().out
    torch.manual_seed(SEED)
    torch.set_num_threads(1)

    digits = load_digits()
    pictures, labels = digits.images.astype(np.uint8), digits.target.astype(np.uint8)
    train_x, held_x, train_y, held_y = train_test_split(
        pictures, labels, test_size=360, random_state=SEED, stratify=labels)
    model = Digits()
    train(model, as_input(train_x), torch.from_numpy(train_y.astype(np.int64)), np.random.default_rng(SEED))
    with torch.no_grad():
        right = int((model(as_input(held_x)).argmax(1).numpy() == held_y).sum())
    print(f"trained on {len(train_x)} pictures; right on {right} of {len(held_x)} held-out ones ({right / len(held_x):.2%})")

    (out / "samples").mkdir(parents=True, exist_ok=True)
    torch.onnx.export(model, as_input(held_x[:1]), str(out / "digits.onnx"), opset_version=17,
                      input_names=["image"], output_names=["probabilities"],
                      dynamic_axes={"image": {0: "batch"}, "probabilities": {0: "batch"}})
    exported = onnx.load(str(out / "digits.onnx"))
    onnx.helper.set_model_props(exported, {"heldout_total": str(len(held_x)), "heldout_right": str(right)})
    onnx.checker.check_model(exported, full_check=True)
    onnx.save(exported, str(out / "digits.onnx"))
    (out / "labels.txt").write_text("".join(f"{name}\n" for name in digits.target_names))
    np.save(out / "heldout_images.npy", held_x)
    np.save(out / "heldout_labels.npy", held_y)
    for digit in range(10):
        first = held_x[np.flatnonzero(held_y == digit)[0]]
        Image.fromarray(np.round(first * (255 / 16)).astype(np.uint8)).save(out / "samples" / f"{digit}.png")


if __name__ == "__main__":
    main()
