"""Consultations, obstacle leads and early interventions: who has to act next, and the forms that act."""
