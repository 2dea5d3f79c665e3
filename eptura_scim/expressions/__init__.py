"""The language of attribute mappings: parsing, printing, Graph's trees and evaluation."""
