"""梯度: qualifications, and the rung that they and the operating reports prove."""
