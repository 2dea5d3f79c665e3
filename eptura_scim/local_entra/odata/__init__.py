"""OData as Graph speaks it: which properties a type has, and what `$filter`, `$select`, `$orderby` and `$top` mean."""
