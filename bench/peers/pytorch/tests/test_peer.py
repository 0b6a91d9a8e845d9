# SPDX-License-Identifier: Apache-2.0
"""Tests of the PyTorch peer: python3 -m unittest discover -s tests, from the folder above."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))

from precordia_torch import (
    NetworkShape, Reconstructor, TunedReconstructor, UNet, load_model, read_safetensors,
)
from precordia_torch.checkpoint import write_safetensors
from precordia_torch.dumps import Dump, write_dump
from precordia_torch.losses import (
    TARGETS, supcon, supcon_chunked, supcon_reference, unpack_masks,
)
from precordia_torch.recipe import JointRecipe, JointStep, one_cycle


def random_model(network=Reconstructor, shape=NetworkShape(16, labels=7), **arguments):
    torch.manual_seed(3)
    model = network(shape, **arguments)
    with torch.no_grad():
        for parameter in model.parameters():  # film and head start at zero, which would hide them
            parameter.add_(0.05 * torch.randn_like(parameter))
    return model


def supcon_case(n=48, classes=6, seed=5, share=0.25):
    g = torch.Generator().manual_seed(seed)
    z = torch.nn.functional.normalize(torch.randn(n, 16, generator=g, dtype=torch.float64), dim=1)
    labels = (torch.rand(n, classes, generator=g) < share).double()
    labels[3] = 0
    groups = torch.arange(n) // 2
    labels[1::2] = labels[0::2]
    return z, labels, groups


class NetworkTest(unittest.TestCase):
    def test_names_and_shapes_are_the_checkpoints(self):
        state = Reconstructor(NetworkShape(64)).state_dict()
        self.assertEqual(list(state["pathology.stem.weight"].shape), [64, 3, 7])
        self.assertEqual(list(state["pathology.blocks.5.conv.weight"].shape), [64, 64, 3])
        self.assertEqual(list(state["waveform.blocks.3.pointwise.weight"].shape), [64, 64, 1])
        self.assertEqual(list(state["decoder.blocks.0.norm.bias"].shape), [64])
        self.assertEqual(list(state["projection.1.weight"].shape), [128, 64])
        self.assertEqual(list(state["film.weight"].shape), [128, 64])
        self.assertEqual(list(state["anchor.weight"].shape), [5, 3, 1])
        for name in ("pathology_norm.weight", "classifier.bias", "decoder_norm.bias", "head.weight"):
            self.assertIn(name, state)

    def test_tuned_equals_plain(self):
        plain = random_model().double()
        x = torch.randn(3, 50, 3, dtype=torch.float64)
        for convolution in ("cudnn", "gemm"):
            tuned = random_model(TunedReconstructor, convolution=convolution).double()
            tuned.load_state_dict(plain.state_dict())
            for have, want in zip(tuned(x), plain(x)):
                torch.testing.assert_close(have, want, rtol=1e-11, atol=1e-12)

    def test_dilation_beyond_the_length(self):
        x = torch.randn(2, 5, 3)
        torch.testing.assert_close(
            random_model(TunedReconstructor, convolution="gemm")(x).signal, random_model()(x).signal,
            rtol=1e-4, atol=1e-5,
        )

    def test_controls_have_no_pathology_or_anchor(self):
        names = Reconstructor(NetworkShape(16, pathology=False, anchor=False)).state_dict()
        self.assertFalse([n for n in names if n.startswith(("pathology", "film", "classifier", "anchor"))])


class UNetTest(unittest.TestCase):
    def test_parameters_are_counted_as_documented(self):
        for lstm, count in ((False, 253_509), (True, 286_789)):
            parameters = UNet(NetworkShape(64), lstm).parameters()
            self.assertEqual(sum(p.numel() for p in parameters if p.requires_grad), count)

    def test_a_checkpoint_names_its_network(self):
        for lstm in (False, True):
            made = random_model(UNet, lstm=lstm)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "model.safetensors"
                write_safetensors(path, made.state_dict(), {})
                loaded, _ = load_model(path)
            x = torch.randn(2, 32, 3)
            self.assertEqual(list(loaded(x).signal.shape), [2, 32, 5])
            torch.testing.assert_close(loaded(x).signal, made(x).signal, rtol=0, atol=0)


class SupConTest(unittest.TestCase):
    def test_fast_and_chunked_equal_the_definition(self):
        z, labels, groups = supcon_case()
        for target in TARGETS:
            a = z.clone().requires_grad_()
            want = supcon_reference(a, labels, groups, target)
            want.backward()
            chunks = lambda *args: supcon_chunked(*args, rows=7)
            for function in (supcon, chunks):
                b = z.float().requires_grad_()
                have = function(b, labels.float(), groups, target)
                have.backward()
                self.assertAlmostEqual(have.item(), want.item(), places=4)
                error = (b.grad.double() - a.grad).norm() / a.grad.norm()
                self.assertLess(error.item(), 1e-5, target)

    def test_gradient_is_the_closed_form(self):
        z, labels, groups = supcon_case()
        z = z.requires_grad_()
        supcon_reference(z, labels, groups, "any").backward()
        s = (z @ z.T / 0.07).detach()
        labelled = labels.sum(1) > 0
        off = ~torch.eye(len(z), dtype=torch.bool) & labelled[None, :] & labelled[:, None]
        positive = (((labels @ labels.T) > 0) | (groups[:, None] == groups[None, :])) & off
        has = positive.any(1)
        p = torch.nan_to_num(s.masked_fill(~off, -torch.inf).softmax(1))
        t = torch.nan_to_num(s.masked_fill(~positive, -torch.inf).softmax(1))
        g = (p - t) / has.sum() * has[:, None]
        torch.testing.assert_close(z.grad, (g + g.T) @ z.detach() / 0.07)

    def test_without_positives_loss_and_gradient_are_zero(self):
        z = torch.eye(4, 16, dtype=torch.float64, requires_grad=True)
        for labels in (torch.eye(4, 6), torch.zeros(4, 6)):
            for target in TARGETS:
                z.grad = None
                loss = supcon_reference(z, labels.double(), torch.arange(4), target)
                loss.backward()
                self.assertEqual(loss.item(), 0.0)
                self.assertEqual(z.grad.abs().max().item(), 0.0)
                self.assertEqual(supcon(z.detach(), labels, torch.arange(4), target).item(), 0.0)

    def test_unlabelled_windows_take_no_part(self):
        z, labels, groups = supcon_case()
        keep = labels.sum(1) > 0
        for target in TARGETS:
            whole = supcon_reference(z, labels, groups, target)
            part = supcon_reference(z[keep], labels[keep], groups[keep], target)
            self.assertAlmostEqual(whole.item(), part.item(), places=12)

    def test_masks_unpack_from_bit_zero(self):
        hot = unpack_masks(np.array([[1 | 1 << 33, 1 << 63]], dtype=np.uint64))
        self.assertEqual(np.flatnonzero(hot[0]).tolist(), [0, 33, 127])


class RecipeTest(unittest.TestCase):
    def test_one_cycle_is_pytorchs(self):
        recipe = JointRecipe()
        optimiser = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=1.0)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, recipe.peak_rate, total_steps=50, pct_start=recipe.warm_up, cycle_momentum=False
        )
        for step in range(50):
            self.assertAlmostEqual(one_cycle(step, 50, recipe), schedule.get_last_lr()[0], places=12)
            optimiser.step()
            schedule.step()

    def test_steps_lower_the_loss_and_leave_the_anchor(self):
        model = random_model()
        anchor = model.anchor.weight.clone()
        step = JointStep(model)
        step.set_rate(1e-3)
        x, y = torch.randn(8, 64, 3), torch.randn(8, 64, 5)
        labels, groups = (torch.rand(8, 7) < 0.4).float(), torch.arange(8)
        values = [step.step(x, y, labels, groups).item() for _ in range(30)]
        self.assertLess(values[-1], 0.95 * values[0])
        self.assertTrue(torch.equal(anchor, model.anchor.weight))
        self.assertFalse(torch.equal(step.averaged_state()["head.weight"], model.head.weight))


class FilesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.model = random_model()
        self.path = self.folder / "model.safetensors"
        write_safetensors(self.path, self.model.state_dict(), {"recipe": "joint"})

    def test_round_trip(self):
        loaded, metadata = load_model(self.path)
        self.assertEqual(metadata, {"recipe": "joint"})
        for name, tensor in self.model.state_dict().items():
            self.assertTrue(torch.equal(tensor, loaded.state_dict()[name]), name)

    def test_the_public_reader_agrees(self):
        try:
            from safetensors.torch import load_file
        except ImportError:
            self.skipTest("package safetensors is absent")
        ours, _ = read_safetensors(self.path)
        for name, tensor in load_file(self.path).items():
            self.assertTrue(torch.equal(tensor, ours[name]), name)

    def test_a_file_cut_short_is_named(self):
        self.path.write_bytes(self.path.read_bytes()[:-100])
        with self.assertRaisesRegex(ValueError, "model.safetensors"):
            read_safetensors(self.path)

    def run_script(self, name, *arguments):
        return subprocess.run(
            [sys.executable, str(HERE / name), *map(str, arguments)], capture_output=True, text=True
        )

    def test_check_model_passes_and_fails(self):
        x = torch.randn(2, 256, 3)
        out = self.model(x)
        tensors = {"inputs": x.numpy(), "outputs": out.signal.detach().numpy(), "z": out.z.detach().numpy()}
        manifest = self.folder / "dump.json"
        write_dump(manifest, tensors)
        self.assertEqual(self.run_script("check_model.py", self.path, manifest).returncode, 0)
        tensors["outputs"] = tensors["outputs"] * 1.001
        write_dump(manifest, tensors)
        self.assertEqual(self.run_script("check_model.py", self.path, manifest).returncode, 1)
        tensors["outputs"][0, 0, 0] = np.nan
        write_dump(manifest, tensors)
        self.assertEqual(self.run_script("check_model.py", self.path, manifest).returncode, 1)
        self.assertEqual(self.run_script("check_model.py", self.path, self.folder / "no").returncode, 2)

    def test_check_supcon_passes_and_fails(self):
        z, labels, groups = supcon_case()
        masks = (labels.numpy().astype(np.uint64) << np.arange(6, dtype=np.uint64)).sum(1, dtype=np.uint64)
        tensors = {"z": z.float().numpy(), "labels": masks[:, None], "groups": groups.int().numpy()}
        for target in TARGETS:
            a = z.float().double().requires_grad_()
            loss = supcon_reference(a, labels, groups, target)
            loss.backward()
            tensors[f"loss_{target}"] = np.array([loss.item()], dtype=np.float32)
            tensors[f"dz_{target}"] = a.grad.float().numpy()
        manifest = self.folder / "supcon.json"
        write_dump(manifest, tensors, {"temperature": 0.07})
        done = self.run_script("check_supcon.py", manifest)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        tensors["dz_out"] = tensors["dz_out"] * 1.01
        write_dump(manifest, tensors)
        self.assertEqual(self.run_script("check_supcon.py", manifest).returncode, 1)

    def test_dump_names_what_is_wrong(self):
        manifest = self.folder / "d.json"
        write_dump(manifest, {"z": np.zeros((4, 2), np.float32)})
        with self.assertRaisesRegex(ValueError, "no tensor 'labels'"):
            Dump(manifest)["labels"]
        (self.folder / "d.z.bin").write_bytes(b"\0" * 12)
        with self.assertRaisesRegex(ValueError, "want shape"):
            Dump(manifest)["z"]


if __name__ == "__main__":
    unittest.main()
