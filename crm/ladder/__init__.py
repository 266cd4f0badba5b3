"""梯度: qualifications, operating reports, and the rung that they prove."""
