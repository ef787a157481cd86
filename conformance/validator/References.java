import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hl7.fhir.common.hapi.validation.validator.FhirDefaultPolicyAdvisor;
import org.hl7.fhir.r5.elementmodel.Element;
import org.hl7.fhir.r5.elementmodel.Manager;
import org.hl7.fhir.r5.model.CanonicalResource;
import org.hl7.fhir.r5.model.CanonicalType;
import org.hl7.fhir.r5.utils.validation.IResourceValidator;
import org.hl7.fhir.r5.utils.validation.IValidatorResourceFetcher;
import org.hl7.fhir.r5.utils.validation.constants.ReferenceValidationPolicy;
import org.hl7.fhir.validation.instance.InstanceValidator;

/** Lets the validator see the type of what a literal reference names, so that a reference to a type that a profile does not allow is found. Nothing is fetched. */
final class References extends FhirDefaultPolicyAdvisor implements IValidatorResourceFetcher {
    private static final Pattern LITERAL = Pattern.compile("([A-Z][A-Za-z]+)/[A-Za-z0-9.-]{1,64}");

    @Override
    public ReferenceValidationPolicy policyForReference(IResourceValidator validator, Object context, String path, String url, ReferenceDestinationType destination) {
        return ReferenceValidationPolicy.CHECK_TYPE_IF_EXISTS;
    }

    @Override
    public Element fetch(IResourceValidator validator, Object context, String url) throws IOException {
        Matcher literal = LITERAL.matcher(url);
        if (!literal.matches()) {
            return null;
        }
        String bare = "{\"resourceType\": \"" + literal.group(1) + "\"}";
        return Manager.parseSingle(((InstanceValidator) validator).getContext(), new ByteArrayInputStream(bare.getBytes(StandardCharsets.UTF_8)), Manager.FhirFormat.JSON);
    }

    @Override
    public boolean resolveURL(IResourceValidator validator, Object context, String path, String url, String type, boolean canonical, List<CanonicalType> targets) {
        return true;
    }

    @Override
    public byte[] fetchRaw(IResourceValidator validator, String url) {
        return null;
    }

    @Override
    public IValidatorResourceFetcher setLocale(Locale locale) {
        return this;
    }

    @Override
    public CanonicalResource fetchCanonicalResource(IResourceValidator validator, Object context, String url) {
        return null;
    }

    @Override
    public boolean fetchesCanonicalResource(IResourceValidator validator, String url) {
        return false;
    }

    @Override
    public Set<ResourceVersionInformation> fetchCanonicalResourceVersions(IResourceValidator validator, Object context, String url) {
        return Set.of();
    }
}
