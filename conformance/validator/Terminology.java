import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.ConceptValidationOptions;
import ca.uhn.fhir.context.support.ValidationSupportContext;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.BaseValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.ValueSet;
import org.hl7.fhir.r4.model.ValueSet.ConceptSetComponent;

/**
 * Whether a code is in a value set, answered with yes, no or "not to be known here".
 *
 * HAPI's own in-memory service takes what it has not got for empty: a code of a value set that includes an absent one is then an error, and one with a
 * filter on an absent code system goes unchecked without a word. Here each part is asked by itself; what no definition at hand decides is said in a note that
 * starts with NOT_CHECKED and names the value set or code system. Filters on code systems that are at hand are left to HAPI.
 */
final class Terminology extends BaseValidationSupport {
    static final String NOT_CHECKED = "not checked: ";

    private static final Pattern VALUE_SET = Pattern.compile("/(ValueSet|vs)/");

    private enum Answer { YES, NO, UNKNOWN }

    private final CommonCodeSystemsTerminologyService common;
    private final InMemoryTerminologyServerValidationSupport memory;
    private final Map<ConceptSetComponent, Set<String>> filtered = new IdentityHashMap<>();
    private final Map<String, Map<String, CodeSystem.ConceptDefinitionComponent>> concepts = new HashMap<>();

    Terminology(FhirContext context) {
        super(context);
        common = new CommonCodeSystemsTerminologyService(context);
        memory = new InMemoryTerminologyServerValidationSupport(context);
    }

    @Override
    public boolean isValueSetSupported(ValidationSupportContext context, String url) {
        return true;
    }

    @Override
    public boolean isCodeSystemSupported(ValidationSupportContext context, String url) {
        return true;
    }

    /** An empty value set in place of an absent one, so that its codes come here and their code systems are asked all the same. Nothing for the url of a code system. */
    @Override
    public IBaseResource fetchValueSet(String url) {
        return VALUE_SET.matcher(url).find() ? new ValueSet().setUrl(url.replaceFirst("\\|.*", "")) : null;
    }

    @Override
    public CodeValidationResult validateCode(
            ValidationSupportContext context, ConceptValidationOptions options, String system, String code, String display, String valueSet) {
        return valueSet == null || valueSet.isBlank()
                ? inSystem(context, system, code, display)
                : validateCodeInValueSet(context, options, system, code, display, valueSet(context, valueSet));
    }

    @Override
    public CodeValidationResult validateCodeInValueSet(
            ValidationSupportContext context, ConceptValidationOptions options, String system, String code, String display, IBaseResource resource) {
        ValueSet valueSet = (ValueSet) resource;
        return switch (member(context, valueSet, options.isInferSystem() ? null : system, code)) {
            case NO -> refused("The code " + named(system, code) + " is not in the value set " + valueSet.getUrl(), CodeValidationIssueCoding.NOT_IN_VS);
            case UNKNOWN -> noted(inSystem(context, system, code, display), "value set " + valueSet.getUrl());
            case YES -> inSystem(context, system, code, display);
        };
    }

    /** The code in its own code system: there, with that display? */
    private CodeValidationResult inSystem(ValidationSupportContext context, String system, String code, String display) {
        if (system == null || system.isBlank()) {
            return new CodeValidationResult().setCode(code);
        }
        return switch (listed(context, system, code)) {
            case NO -> refused("The code system " + system + " has no code " + code, CodeValidationIssueCoding.INVALID_CODE);
            case UNKNOWN -> noted(new CodeValidationResult().setCode(code), "code system " + system);
            case YES -> displayed(context, system, code, display);
        };
    }

    private CodeValidationResult displayed(ValidationSupportContext context, String system, String code, String display) {
        CodeSystem.ConceptDefinitionComponent concept = concepts(context, system).get(code);
        boolean right = display == null || concept == null || !concept.hasDisplay() || same(display, concept.getDisplay())
                || concept.getDesignation().stream().anyMatch(each -> same(display, each.getValue()));
        return right
                ? new CodeValidationResult().setCode(code)
                : refused("The display of " + named(system, code) + " is \"" + concept.getDisplay() + "\", not \"" + display + "\"", CodeValidationIssueCoding.INVALID_DISPLAY);
    }

    private Answer member(ValidationSupportContext context, ValueSet valueSet, String system, String code) {
        if (!valueSet.hasCompose()) {
            return Answer.UNKNOWN;
        }
        Answer in = any(valueSet.getCompose().getInclude().stream().map(each -> included(context, each, system, code)).toList());
        Answer out = any(valueSet.getCompose().getExclude().stream().map(each -> included(context, each, system, code)).toList());
        return all(List.of(in, not(out)));
    }

    private Answer included(ValidationSupportContext context, ConceptSetComponent part, String system, String code) {
        Answer answer = part.hasSystem() ? chosen(context, part, system, code) : Answer.YES;
        return all(Stream.concat(
                        Stream.of(answer),
                        part.getValueSet().stream().map(url -> member(context, valueSet(context, url.getValue()), system, code)))
                .toList());
    }

    private Answer chosen(ValidationSupportContext context, ConceptSetComponent part, String system, String code) {
        if (system != null && !system.equals(part.getSystem())) {
            return Answer.NO;
        }
        if (part.hasConcept()) {
            return part.getConcept().stream().anyMatch(each -> each.getCode().equals(code)) ? Answer.YES : Answer.NO;
        }
        Answer answer = listed(context, part.getSystem(), code);
        if (!part.hasFilter() || answer == Answer.NO) {
            return answer;
        }
        Set<String> codes = filtered.computeIfAbsent(part, each -> expanded(context, each));
        return codes.isEmpty() ? Answer.UNKNOWN : codes.contains(code) ? Answer.YES : Answer.NO;
    }

    /** The codes that pass the filters; none where HAPI cannot apply them. */
    private Set<String> expanded(ValidationSupportContext context, ConceptSetComponent part) {
        Set<String> codes = new HashSet<>();
        if (complete(context, part.getSystem())) {
            ConceptSetComponent alone = part.copy();
            alone.getValueSet().clear();
            ValueSet valueSet = new ValueSet();
            valueSet.getCompose().addInclude(alone);
            ValueSetExpansionOutcome outcome = memory.expandValueSet(context, null, valueSet);
            if (outcome != null && outcome.getValueSet() != null) {
                ((ValueSet) outcome.getValueSet()).getExpansion().getContains().forEach(each -> codes.add(each.getCode()));
            }
        }
        return codes;
    }

    private Answer listed(ValidationSupportContext context, String system, String code) {
        if (concepts(context, system).containsKey(code)) {
            return Answer.YES;
        }
        if (complete(context, system)) {
            return Answer.NO;
        }
        CodeValidationResult result = common.isCodeSystemSupported(context, system) ? common.validateCode(context, new ConceptValidationOptions(), system, code, null, null) : null;
        return result == null ? Answer.UNKNOWN : result.isOk() ? Answer.YES : Answer.NO;
    }

    private boolean complete(ValidationSupportContext context, String system) {
        return codeSystem(context, system) != null && codeSystem(context, system).getContent() == CodeSystem.CodeSystemContentMode.COMPLETE;
    }

    private Map<String, CodeSystem.ConceptDefinitionComponent> concepts(ValidationSupportContext context, String system) {
        return concepts.computeIfAbsent(system, url -> {
            Map<String, CodeSystem.ConceptDefinitionComponent> found = new HashMap<>();
            if (codeSystem(context, url) != null) {
                gather(codeSystem(context, url).getConcept(), found);
            }
            return found;
        });
    }

    private static void gather(List<CodeSystem.ConceptDefinitionComponent> concepts, Map<String, CodeSystem.ConceptDefinitionComponent> found) {
        for (CodeSystem.ConceptDefinitionComponent each : concepts) {
            found.put(each.getCode(), each);
            gather(each.getConcept(), found);
        }
    }

    private static CodeSystem codeSystem(ValidationSupportContext context, String system) {
        return (CodeSystem) context.getRootValidationSupport().fetchCodeSystem(system);
    }

    private static ValueSet valueSet(ValidationSupportContext context, String url) {
        return (ValueSet) context.getRootValidationSupport().fetchValueSet(url);
    }

    private static Answer any(List<Answer> answers) {
        return answers.contains(Answer.YES) ? Answer.YES : answers.contains(Answer.UNKNOWN) ? Answer.UNKNOWN : Answer.NO;
    }

    private static Answer all(List<Answer> answers) {
        return answers.contains(Answer.NO) ? Answer.NO : answers.contains(Answer.UNKNOWN) ? Answer.UNKNOWN : Answer.YES;
    }

    private static Answer not(Answer answer) {
        return answer == Answer.YES ? Answer.NO : answer == Answer.NO ? Answer.YES : Answer.UNKNOWN;
    }

    private static boolean same(String one, String other) {
        return one.strip().replaceAll("\\s+", " ").equalsIgnoreCase(other.strip().replaceAll("\\s+", " "));
    }

    private static String named(String system, String code) {
        return system + "#" + code;
    }

    private static CodeValidationResult refused(String message, CodeValidationIssueCoding coding) {
        return new CodeValidationResult()
                .setSeverity(IssueSeverity.ERROR)
                .setMessage(message)
                .addIssue(new CodeValidationIssue(message, IssueSeverity.ERROR, CodeValidationIssueCode.CODE_INVALID, coding));
    }

    private static CodeValidationResult noted(CodeValidationResult result, String what) {
        return result.addIssue(new CodeValidationIssue(NOT_CHECKED + what, IssueSeverity.INFORMATION, CodeValidationIssueCode.NOT_FOUND, CodeValidationIssueCoding.NOT_FOUND));
    }
}
