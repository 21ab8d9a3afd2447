"""Amazon Bedrock, Converse, as an emulated vendor."""
