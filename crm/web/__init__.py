"""What all pages share: guards, errors, filters, headers, paging, language."""
