"""From senses to currents or spikes of sensory neurons."""
