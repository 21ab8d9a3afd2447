"""What Offramp costs: CPU of the client process for a call and for a streamed chunk, beside raw HTTP, in one run."""
