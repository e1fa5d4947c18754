"""Training of the models in `kinelang.models`: one loop, one file for the data, one file for each model's task."""
