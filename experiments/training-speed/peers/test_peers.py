"""Drives every peer through its protocol. Run it with the peers' Python: .peers/bin/python <this file>"""

import json
import math
import subprocess
import sys
import unittest

from client import HERE, Peer, PeerError, curve_task, line_task

PEERS = {
    "keras_2": ("keras_2.py",),
    "keras_2_plain": ("keras_2.py", "--plain"),
    "keras_3": ("keras_3.py",),
    "pytorch_eager": ("pytorch_eager.py",),
    "pytorch_compiled": ("pytorch_compiled.py",),
    "jax_scan": ("jax_scan.py",),
    "jax_vmap": ("jax_vmap.py",),
}


class EveryPeer(unittest.TestCase):
    def each(self, body):
        for name, command in PEERS.items():
            with self.subTest(peer=name), Peer(*command) as peer:
                self.assertEqual(peer.greeting["peer"], name)
                self.assertGreater(len(peer.greeting["versions"]), 1)
                body(peer)

    def test_the_line_is_learnt_to_the_resolution_of_float32(self):
        def body(peer):
            self.assertGreater(peer.prepare(line_task())["seconds"], 0)
            firsts = []
            for seed in range(3):
                trained = peer.train(seed)
                self.assertEqual(trained["steps"], 400)
                self.assertGreater(trained["seconds"], 0)
                self.assertGreater(trained["first_loss"], 0.01)
                self.assertLess(trained["last_loss"], 1e-9)
                firsts.append(trained["first_loss"])
            self.assertEqual(len(set(firsts)), 3, "every seed has weights of its own")
            self.assertEqual(peer.close(), 0)

        self.each(body)

    def test_two_hidden_layers_and_a_partial_last_batch(self):
        def body(peer):
            peer.prepare(curve_task())
            trained = peer.train(1)
            self.assertEqual(trained["steps"], 20 * math.ceil(100 / 7))
            self.assertLess(trained["last_loss"], trained["first_loss"] / 3)

        self.each(body)

    def test_losses_are_means_over_rows(self):
        # A learning rate of almost nothing: both losses are the untrained model's, whatever the batches.
        still = line_task()["optimizer"] | {"learning_rate": 1e-12}

        def body(peer):
            peer.prepare(curve_task(optimizer=still, epochs=2))
            trained = peer.train(1)
            self.assertAlmostEqual(trained["first_loss"], trained["last_loss"], delta=1e-5 * trained["last_loss"])

        self.each(body)

    def test_cross_entropies_and_rows_to_validate_on(self):
        still = line_task()["optimizer"] | {"learning_rate": 1e-12}
        x = curve_task()["x"]
        labels = {
            "mse": ([a * b for a, b in x], 1, "linear"),
            "binary_crossentropy": ([float(a * b > 0) for a, b in x], 1, "sigmoid"),
            "sparse_categorical_crossentropy": ([float(a > 0) + float(b > 0) for a, b in x], 3, "softmax"),
        }

        def body(peer):
            for loss, (y, units, activation) in labels.items():
                layers = [{"units": 8, "activation": "tanh"}, {"units": units, "activation": activation}]
                task = curve_task(x=x, y=y, loss=loss, layers=layers, validation=(x, y))
                peer.prepare(task | {"optimizer": still, "epochs": 2})
                trained = peer.train(1)
                for when in ("first", "last"):
                    value = trained[f"{when}_loss"]
                    self.assertAlmostEqual(trained[f"{when}_val_loss"], value, delta=1e-4 * value, msg=loss)
                peer.prepare(task)
                trained = peer.train(1)
                self.assertLess(trained["last_val_loss"], 0.9 * trained["first_val_loss"], loss)

        self.each(body)

    def test_extreme_shapes(self):
        wide = [{"units": 300, "activation": "sigmoid"}, {"units": 1, "activation": "linear"}]
        two = [{"units": 4, "activation": "relu"}, {"units": 2, "activation": "linear"}]
        shapes = [
            (curve_task(batch_size=1024, epochs=5, layers=wide), 5),
            (curve_task(batch_size=1, epochs=2), 200),
            (curve_task(x=[[0.5]], y=[[1.0, 2.0]], layers=two, batch_size=1, epochs=3), 3),
        ]

        def body(peer):
            for task, steps in shapes:
                peer.prepare(task)
                trained = peer.train(1)
                self.assertEqual(trained["steps"], steps)
                self.assertTrue(math.isfinite(trained["last_loss"]))
                self.assertNotEqual(trained["last_loss"], trained["first_loss"])

        self.each(body)

    def test_trials(self):
        def body(peer):
            peer.prepare(line_task(epochs=10, trials=3))
            trained = peer.train(0)
            self.assertEqual(trained["steps"], 3 * 40)
            self.assertLess(trained["last_loss"], trained["first_loss"] / 10)

        self.each(body)


class Refusals(unittest.TestCase):
    def test_a_task_that_is_not_understood(self):
        wrong = [
            {"loss": "mae"},
            {"optimizer": line_task()["optimizer"] | {"type": "sgd"}},
            {"layers": [{"units": 1, "activation": "gelu"}]},
            {"y": [1.0, 2.0]},
            {"loss": "binary_crossentropy"},
            {"validation": [[[1.0]], [1.0, 2.0]]},
            {"batch_size": 0},
        ]
        for change in wrong:
            with self.subTest(**change), Peer("jax_scan.py") as peer:
                with self.assertRaises(PeerError):
                    peer.prepare(line_task(**change))
                self.assertEqual(peer.process.wait(timeout=60), 1)

    def test_training_before_preparing(self):
        with Peer("jax_scan.py") as peer:
            with self.assertRaises(PeerError):
                peer.train(0)
            self.assertEqual(peer.process.wait(timeout=60), 1)

    def test_standard_output_has_the_protocol_alone(self):
        for name, command in PEERS.items():
            with self.subTest(peer=name):
                requests = [{"prepare": line_task(epochs=5)}, {"train": {"seed": 0}}]
                run = subprocess.run([sys.executable, str(HERE / command[0]), *command[1:]], text=True,
                                     input="".join(json.dumps(request) + "\n" for request in requests),
                                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
                keys = [list(json.loads(line)) for line in run.stdout.splitlines()]
                self.assertEqual(keys, [["peer", "versions"], ["ready"], ["trained"]])


if __name__ == "__main__":
    unittest.main()
