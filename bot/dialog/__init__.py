"""Forms, the form interpretation algorithm, evidence, and decisions by cost (VoiceXML 2.1)."""
