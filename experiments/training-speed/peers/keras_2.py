"""Keras 2 (tf_keras on TensorFlow): `fit` at its fastest, or with --plain as most programs call it."""

import sys

import common  # first: it keeps standard output and sets the threads

import tensorflow as tf
import tf_keras

PLAIN = "--plain" in sys.argv[1:]


class Training:
    def __init__(self, task):
        self.task = task
        self.model = tf_keras.Sequential(
            [tf_keras.layers.Dense(units, activation=activation) for units, activation in task.layers])
        self.model.build((None, task.x.shape[1]))
        # The legacy Adam: its step is one TensorFlow op a variable and faster than the newer one's.
        adam = tf_keras.optimizers.Adam if PLAIN else tf_keras.optimizers.legacy.Adam
        self.optimizer = adam(learning_rate=task.learning_rate, beta_1=task.beta_1, beta_2=task.beta_2,
                              epsilon=task.epsilon)
        # A whole epoch a call, compiled by XLA: 0.47 to 0.6 of the time of plain `fit`.
        options = {} if PLAIN else {"steps_per_execution": task.steps_per_epoch, "jit_compile": True}
        loss = {
            "mse": "mse",
            "binary_crossentropy": tf_keras.losses.BinaryCrossentropy(from_logits=True),
            "sparse_categorical_crossentropy": tf_keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        }[task.loss]
        self.model.compile(optimizer=self.optimizer, loss=loss, **options)
        # A repeated dataset keeps one iterator; without repeat, or from arrays, `fit` makes one an epoch.
        rows = tf.data.Dataset.from_tensor_slices((task.x, task.y))
        self.batches = rows.shuffle(task.rows).batch(task.batch_size).repeat()

    def reset(self, seed):
        tf_keras.utils.set_random_seed(seed)
        for number, layer in enumerate(self.model.layers):
            kernel = tf_keras.initializers.GlorotUniform(seed + 1000 * number)
            layer.kernel.assign(kernel(layer.kernel.shape))
            layer.bias.assign(tf.zeros_like(layer.bias))
        state = self.optimizer.variables
        for variable in state() if callable(state) else state:
            if "learning_rate" not in variable.name:
                variable.assign(tf.zeros_like(variable))

    def train(self):
        # verbose=0 in both: what a terminal costs is not the framework's.
        task = self.task
        how = {"epochs": task.epochs, "verbose": 0}
        if task.validation:
            how |= {"validation_data": task.validation, "validation_batch_size": len(task.validation[0])}
        if PLAIN:
            history = self.model.fit(task.x, task.y, batch_size=task.batch_size, **how)
        else:
            history = self.model.fit(self.batches, steps_per_epoch=task.steps_per_epoch, **how)
        return [losses[epoch] for losses in history.history.values() for epoch in (0, -1)]


common.serve("keras_2_plain" if PLAIN else "keras_2", ["tensorflow-cpu", "tf_keras"], Training)
