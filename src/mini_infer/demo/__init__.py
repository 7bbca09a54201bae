"""LeNet-5 on MNIST, end to end: the trained model, a hundred real digits, what PyTorch said of them, and the walk."""
