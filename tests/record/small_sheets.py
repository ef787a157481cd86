# ruff: noqa: E501 -- a row of a table stands on one line
"""What a small practice keeps in spreadsheets, invented here, that a test may spoil cell by cell."""

from __future__ import annotations

from copy import deepcopy

from tests.record.small_export import Table

PHQ9 = {f"Item {number}": "1" for number in range(1, 10)}

_SHEETS: dict[str, Table] = {
    "practice.csv": [{"Practice ID": "main", "Name": "Elm Street Therapy", "Phone": "(413) 555-0100", "City": "Amherst", "State": "Massachusetts", "ZIP": "01002", "NPI": "1234567893"}],
    "clinicians.csv": [
        {"Clinician ID": "", "First name": "Ada", "Last name": "Quill", "Credentials": "LICSW", "License number": "L-1", "License state": "ma", "License expires": "12/31/2026", "Supervisor": "Bo Reed"},
        {"Clinician ID": "", "First name": "Bo", "Last name": "Reed", "Credentials": "PhD", "License number": "", "License state": "", "License expires": "", "Supervisor": ""},
    ],
    "partners.csv": [
        {"Partner ID": "P1", "Organization": "North Psychiatry", "First name": "Cy", "Last name": "Stone", "Specialty": "Psychiatry", "Phone": "413.555.0142", "FHIR address": "", "Active": "yes"},
        {"Partner ID": "P2", "Organization": "Valley Family Medicine", "First name": "", "Last name": "", "Specialty": "", "Phone": "", "FHIR address": "https://fhir.valley.example/r4", "Active": "yes"},
    ],
    "clients.csv": [
        {"Client ID": "1", "First name": "Ina", "Last name": "Marsh", "Date of birth": "3/4/1990", "Sex": "F", "Home phone": "(413) 555-0101", "Address": "12 Elm St", "City": "Amherst", "State": "MA", "Language": "Spanish", "Race": "White; Asian", "Therapist": "Ada Quill", "Primary care": "P2", "Guardian name": "", "Guardian relationship": "", "Interpreter needed": "no"},
        {"Client ID": "2", "First name": "Leo", "Last name": "Marsh", "Date of birth": "7 Jun 2015", "Sex": "male", "Home phone": "", "Address": "", "City": "", "State": "", "Language": "", "Race": "", "Therapist": "bo-reed", "Primary care": "", "Guardian name": "Marsh, Ina", "Guardian relationship": "Mother", "Interpreter needed": ""},
    ],
    "coverage.csv": [{"Client ID": "1", "Payer": "Bay Colony Health Plan", "Member ID": "M-1", "Group": "G-1", "Rank": "Primary", "Start": "1/1/2026", "End": ""}],
    "problems.csv": [
        {"Problem ID": "A", "Client ID": "1", "Problem": "Major depression, moderate", "Code": "F32.1", "Status": "Active", "Onset": "2026-01-05", "Ended": ""},
        {"Problem ID": "", "Client ID": "1", "Problem": "Trouble sleeping", "Code": "", "Status": "", "Onset": "1/5/2026", "Ended": "2/28/2026"},
    ],
    "family_history.csv": [{"Client ID": "1", "Relative": "Mother", "Condition": "Depression", "Code": "ICD-10-CM: F32.9", "Age at onset": "40"}],
    "allergies.csv": [{"Client ID": "1", "Allergy": "Latex", "Reaction": "rash", "Severity": "mild"}],
    "medications.csv": [{"Medication ID": "M1", "Client ID": "1", "Medication": "Sertraline 50 mg", "RxNorm": "312941", "Taken": "x", "Directions": "1 tablet a day", "Started": "1/6/2026", "Stopped": "", "Prescriber": "North Psychiatry"}],
    "dispenses.csv": [{"Client ID": "1", "Medication ID": "M1", "Medication": "Sertraline 50 mg", "Date": "1/7/2026", "Quantity": "1,030.5", "Days": "30"}],
    "side_effects.csv": [{"Client ID": "1", "Medication ID": "M1", "Effect": "nausea", "Severity": "Mild", "Date": "1/9/2026"}],
    "sessions.csv": [
        {"Session ID": "S1", "Client ID": "1", "Clinician": "Ada Quill", "Date": "2/3/2026", "Start time": "2:05 PM", "Minutes": "50", "How": "Telehealth", "CPT code": "90834", "Problems": "A", "Reason": "Low mood"},
        {"Session ID": "", "Client ID": "2", "Clinician": "Bo Reed", "Date": "2026-02-04", "Start time": "09:00", "Minutes": "", "How": "", "CPT code": "", "Problems": "", "Reason": ""},
    ],
    "assessments.csv": [{"Client ID": "1", "Date": "1/5/2026", "Clinician": "Ada Quill", "Presenting problem": "Low mood since the move.", "Strengths": "Sings."}],
    "scores.csv": [
        {"Client ID": "1", "Date": "2/3/2026", "Instrument": "PHQ-9", "Total": "9", **PHQ9, "GAD-7 total": "", "Session ID": "S1"},
        {"Client ID": "1", "Date": "3/3/2026", "Instrument": "phq9", "Total": "7", **dict.fromkeys(PHQ9, ""), "GAD-7 total": "", "Session ID": ""},
        {"Client ID": "1", "Date": "3/3/2026", "Instrument": "", "Total": "", **dict.fromkeys(PHQ9, ""), "GAD-7 total": "5", "Session ID": ""},
    ],
    "risk_assessments.csv": [{"Client ID": "1", "Date": "2/3/2026", "Wish to be dead": "yes", "Suicidal thoughts": "no", "Risk": ""}],
    "plans.csv": [
        {"Plan ID": "T1", "Client ID": "1", "Author": "Ada Quill", "Written on": "2/3/2026", "Presenting issues": "Low mood", "Problems": "A", "Goal 1": "", "Goal 1 due": "", "Technique 1": "Behavioral activation", "Replaces": "", "Protocols": "behavioral-activation"},
        {"Plan ID": "T2", "Client ID": "2", "Author": "Bo Reed", "Written on": "2/4/2026", "Presenting issues": "", "Problems": "", "Goal 1": "Sleeps alone on five nights", "Goal 1 due": "5/1/2026", "Technique 1": "", "Replaces": "", "Protocols": ""},
    ],
    "goals.csv": [
        {"Goal ID": "1", "Plan ID": "T1", "Client ID": "", "Goal": "PHQ-9 at or below 9", "Due": "5/1/2026", "Instrument": "PHQ-9", "Target score": "9", "Start": "2/3/2026", "Problems": "A"},
        {"Goal ID": "2", "Plan ID": "T1", "Client ID": "", "Goal": "Sings in the choir again", "Due": "", "Instrument": "", "Target score": "", "Start": "", "Problems": ""},
        {"Goal ID": "3", "Plan ID": "", "Client ID": "2", "Goal": "Goes to school by himself", "Due": "", "Instrument": "", "Target score": "", "Start": "2/4/2026", "Problems": ""},
    ],
    "activities.csv": [{"Activity ID": "1", "Plan ID": "T1", "Activity": "CBT", "Times": "1", "Per": "1", "Unit": "week", "Minutes": "50"}],
    "interventions.csv": [{"Client ID": "1", "Date": "2/3/2026", "Start time": "2:10 pm", "Minutes": "40", "Intervention": "Activity diary", "Area": "Coping skills", "Plan ID": "T1", "Session ID": "S1"}],
    "progress_reviews.csv": [{"Client ID": "1", "Date": "3/3/2026", "Summary": "Better.", "Findings": "sleeps; eats\nsings", "Plan ID": "T1"}],
    "safety_plans.csv": [{"Client ID": "1", "Date": "2/3/2026", "Warning signs": "not sleeping", "Coping": "walk", "Review on": "5/1/2026"}],
    "preferences.csv": [{"Client ID": "1", "Preference": "Asks that we sit so that she sees the door.", "Date": "2/3/2026", "About": ""}],
    "care_team.csv": [
        {"Client ID": "1", "Clinician": "Ada Quill", "Partner": "", "Role": "Therapist"},
        {"Client ID": "1", "Clinician": "", "Partner": "P1", "Role": "Psychiatrist"},
    ],
    "notes.csv": [
        {"Note ID": "N1", "Client ID": "1", "Author": "Ada Quill", "Date": "2/3/2026", "Time": "3 pm", "Type": "Progress", "Title": "", "Text": "Came on time.\nSecond line.", "Cosigned by": "Bo Reed", "Cosigned on": "2/5/2026 11:00 AM"},
        {"Note ID": "N2", "Client ID": "1", "Author": "Ada Quill", "Date": "2/3/2026", "Time": "", "Type": "", "Title": "Process note", "Text": "CANARY hunch", "Cosigned by": "", "Cosigned on": ""},
    ],
    "documents.csv": [{"Client ID": "1", "Title": "Sleep and you", "Date": "2/3/2026", "Type": "Handout", "Text": "Keep regular hours."}],
    "consents.csv": [{"Consent ID": "C1", "Client ID": "1", "Partner": "P1", "Recipient": "", "Direction": "Both", "Categories": "Demographics; Diagnoses; Treatment plan", "Purpose": "Coordination of care", "Part 2": "no", "Start": "2/3/2026", "End": "2/3/2027", "Signed by": "Ina Marsh", "Signed on": "2/3/2026"}],
    "referrals.csv": [{"Client ID": "1", "Partner": "P1", "Date": "2/5/2026", "Service": "Psychiatry", "Reason": "Please see for medication.", "Diagnoses": "F32.1", "Risk": "Low", "Status": ""}],
    "protocols.csv": [{"Title": "Behavioral activation", "Diagnoses": "F32.1", "Citation 1": "Jacobson, 1996", "DOI 1": "10.1037/0022-006X.64.2.295", "Steps": "Rationale; diary; activation"}],
    "messages.csv": [
        {"Message ID": "G1", "Client ID": "1", "From": "Ada Quill", "From partner": "", "To partner": "P1", "To": "", "Date": "2/6/2026", "Time": "9:15 am", "Topic": "Side effects", "Text": "Nausea since Monday.", "Medications": "M1", "In reply to": ""},
        {"Message ID": "G2", "Client ID": "1", "From": "", "From partner": "P1", "To partner": "", "To": "Ada Quill", "Date": "2/6/2026", "Time": "", "Topic": "", "Text": "Take it with food.", "Medications": "", "In reply to": "G1"},
    ],
    "supervision.csv": [{"Clinician": "Ada Quill", "Supervisor": "Bo Reed", "Date": "2/6/2026", "Minutes": "60"}],
    "training.csv": [{"Clinician": "Ada Quill", "Title": "CBT-I", "Date": "1/20/2026", "Hours": "6.5"}],
}  # fmt: skip


def sheets() -> dict[str, Table]:
    """Two clients, a mother and her child; two clinicians; two partners; something on every sheet."""
    return deepcopy(_SHEETS)
