"""A shop with the widget on its pages, as any site would put it there. Started by the stack."""
