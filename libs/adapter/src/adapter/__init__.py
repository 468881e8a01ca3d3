"""What an adapter of a platform is, whatever the platform: ground of ingest-whatsapp, ingest-meta.

receive     webhooks → intake → bodies → items (a platform's own table of kinds) → INBOUND
deliver     OUTBOUND → deliver.sender → a platform's own call → inbound.results
the rest    media, profiles, renormalize, validation, announce: what inbox-core asks beside
"""
