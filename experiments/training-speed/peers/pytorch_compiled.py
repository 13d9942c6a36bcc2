"""PyTorch at its fastest: forward, gradient and Adam of several steps in one torch.compile graph."""

import os
import sys

import common  # first: it keeps standard output and sets the threads

# Compiled code stays with the environment that it belongs to.
os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", os.path.join(sys.prefix, "inductor"))
os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"

from cpu_torch import torch

LOSSES = {
    "mse": torch.nn.functional.mse_loss,
    "binary_crossentropy": torch.nn.functional.binary_cross_entropy_with_logits,
    "sparse_categorical_crossentropy": torch.nn.functional.cross_entropy,
}
ACTIVATIONS = {"linear": lambda x: x, "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
# A call costs about 150 µs: 43 µs a step with 4 steps in a graph, 25 with 20, 22 with 40 (but a minute to compile).
STEPS_PER_GRAPH = 20


class Training:
    def __init__(self, task):
        self.task = task
        self.x, self.y = torch.from_numpy(task.x), torch.from_numpy(task.y)
        self.validation = task.validation and [torch.from_numpy(values) for values in task.validation]
        self.shapes = [shape for pair in zip(task.widths, task.widths[1:]) for shape in (pair, pair[1:])]
        # The cpp_wrapper of inductor was slower here (63 µs against 43), so were parameters updated in place.
        self.steps = torch.compile(self.unrolled, fullgraph=True, dynamic=False)
        self.gradient = torch.func.grad_and_value(self.loss)
        # Several epochs a graph if they fit, otherwise a part of one.
        fitting = max(1, STEPS_PER_GRAPH // task.steps_per_epoch)
        self.epochs_per_graph = max(count for count in range(1, fitting + 1) if task.epochs % count == 0)
        self.steps_per_span = min(task.steps_per_epoch, STEPS_PER_GRAPH)
        step = torch.arange(1, task.epochs * task.steps_per_epoch + 1, dtype=torch.float64)
        rates = task.learning_rate * torch.sqrt(1 - task.beta_2**step) / (1 - task.beta_1**step)
        self.rates = rates.float().view(task.epochs, task.steps_per_epoch)

    def loss(self, flat, x, y):
        parts = flat.split([shape.numel() for shape in map(torch.Size, self.shapes)])
        parts = [part.view(shape) for part, shape in zip(parts, self.shapes)]
        for kernel, bias, (_, activation) in zip(parts[::2], parts[1::2], self.task.layers):
            # A product with one feature fuses with its neighbours, a matrix product does not.
            product = x * kernel if len(kernel) == 1 else x @ kernel
            x = ACTIVATIONS[activation](product + bias)
        return LOSSES[self.task.loss](x, y)

    def unrolled(self, state, xs, ys, rates, ends):
        """Steps over rows already in order: xs is (epochs, rows, features).

        Also returns each epoch's summed loss and, where the rows are its last, its loss on the rows to validate on.
        """
        task, sums, val_losses = self.task, [], []
        flat, mean, square = state
        for x, y, epoch_rates in zip(xs.unbind(), ys.unbind(), rates.unbind()):
            total = 0.0
            batches = zip(x.split(task.batch_size), y.split(task.batch_size), epoch_rates.unbind())
            for batch_x, batch_y, rate in batches:
                gradient, loss = self.gradient(flat, batch_x, batch_y)
                mean = mean + (gradient - mean) * (1 - task.beta_1)
                square = square + (gradient * gradient - square) * (1 - task.beta_2)
                flat = flat - rate * mean / (square.sqrt() + task.epsilon)
                total = total + loss * len(batch_x)
            sums.append(total)
            if ends and self.validation:
                val_losses.append(self.loss(flat, *self.validation))
        return (flat, mean, square), torch.stack(sums), val_losses

    def reset(self, seed):
        torch.manual_seed(seed)
        parts = [torch.zeros(shape) for shape in self.shapes]
        for kernel in parts[::2]:
            torch.nn.init.xavier_uniform_(kernel)
        self.flat = torch.cat([part.flatten() for part in parts])

    @torch.no_grad()
    def train(self):
        task = self.task
        state = (self.flat, torch.zeros_like(self.flat), torch.zeros_like(self.flat))
        span = self.steps_per_span * task.batch_size
        losses, val_losses = [], []
        for first in range(0, task.epochs, self.epochs_per_graph):
            orders = torch.stack([torch.randperm(task.rows) for _ in range(self.epochs_per_graph)])
            rates = self.rates[first:first + self.epochs_per_graph].split(self.steps_per_span, dim=1)
            sums = 0.0
            for rows, span_rates in zip(orders.split(span, dim=1), rates):
                ends = span_rates is rates[-1]
                state, partial, validated = self.steps(state, self.x[rows], self.y[rows], span_rates, ends)
                sums = sums + partial
                val_losses.extend(validated)
            losses.extend(sums / task.rows)
        return [values[epoch].item() for values in (losses, val_losses) if values for epoch in (0, -1)]


common.serve("pytorch_compiled", ["torch"], Training)
