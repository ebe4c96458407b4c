"""A trainer class that keeps its device, and the state of the random numbers."""

import torch


class Trainer:
    def __init__(self, model, gpu=0):
        self.device = torch.device(f"cuda:{gpu}")
        torch.cuda.set_device(self.device)
        self.model = model.to(self.device)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.2)
        self.scaler = torch.cuda.amp.GradScaler()

    def state(self):
        return {"cpu": torch.get_rng_state(), "cuda": torch.cuda.get_rng_state_all()}

    def restore(self, state):
        torch.set_rng_state(state["cpu"])
        torch.cuda.set_rng_state_all(state["cuda"])

    def step(self, x, y):
        x, y = x.to(self.device), y.to(self.device)
        with torch.cuda.amp.autocast(dtype=torch.bfloat16):
            loss = torch.nn.functional.mse_loss(self.model(x), y)
        self.optimizer.zero_grad()
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return loss


def main():
    torch.manual_seed(9)
    trainer = Trainer(torch.nn.Linear(4, 2))
    state = trainer.state()
    with torch.cuda.device(0):
        noise = torch.rand(8, 4, device="cuda")
    trainer.restore(state)
    for _ in range(4):
        loss = trainer.step(noise, torch.zeros(8, 2))
    assert noise.device.index == torch.cuda.current_device()
    torch.cuda.reset_peak_memory_stats()
    print(f"{next(trainer.model.parameters()).device.type} loss {loss.item():.6f}")


if __name__ == "__main__":
    main()
