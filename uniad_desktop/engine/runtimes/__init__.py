"""What a model runs on: torch, CUDA graphs, OpenVINO or ONNX Runtime, behind one interface."""
