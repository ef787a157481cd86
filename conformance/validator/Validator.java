import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.utilities.npm.NpmPackage;

/**
 * Validates resources against R4 and the profiles they claim, as each package defines them. Offline.
 *
 * Validator RESOURCES PACKAGE.tgz...
 *
 * RESOURCES: a folder of .json files, one .json file, or a .ndjson file. A JSON document is a resource, or holds some in "resources". Of several versions of a
 * guide the oldest stands first: a profile or extension that only a later one has is then known as such. Prints one JSON object a line: for each package and
 * resource one with the profiles it was checked against, then one for each finding (severity: fatal, error, warning, information, or not-checked where a
 * definition is not at hand).
 */
final class Validator {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    /** Findings that say that a definition is absent. They stay errors where the guide itself should have it: see absent. */
    private static final Set<String> ABSENT = Set.of(
            "Extension_EXT_Unknown",
            "Questionnaire_QR_Q_NotFound",
            "TERMINOLOGY_TX_SYSTEM_UNSUPPORTED",
            "Terminology_TX_ValueSet_NotFound",
            "VALIDATION_VAL_PROFILE_UNKNOWN_NOT_POLICY",
            "Validation_VAL_Profile_Unknown");

    private static final Pattern ADDRESS = Pattern.compile("(?:https?://|urn:)[^' ]+");

    /** A package: its id and version, the address that all it defines starts with, and what it defines. */
    private record Guide(String name, String canonical, PrePopulatedValidationSupport definitions) {}

    private record Item(String file, int index, JsonNode resource) {}

    private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);

    public static void main(String[] arguments) throws IOException {
        System.setOut(System.err); // whatever a library prints is no line of ours
        List<Item> items = read(Path.of(arguments[0]));
        FhirContext context = FhirContext.forR4();
        DefaultProfileValidationSupport core = new DefaultProfileValidationSupport(context);
        List<Guide> guides = new ArrayList<>();
        for (String archive : List.of(arguments).subList(1, arguments.length)) {
            guides.add(open(context, Path.of(archive)));
        }
        for (Guide guide : guides) {
            check(context, core, guide, guides.subList(guides.indexOf(guide) + 1, guides.size()), items);
        }
        OUT.flush();
    }

    private static void check(FhirContext context, DefaultProfileValidationSupport core, Guide guide, List<Guide> later, List<Item> items) throws IOException {
        PrePopulatedValidationSupport own = guide.definitions();
        ValidationSupportChain chain = new ValidationSupportChain(own, core, new Terminology(context), new SnapshotGeneratingValidationSupport(context));
        FhirInstanceValidator module = new FhirInstanceValidator(chain);
        module.setValidatorPolicyAdvisor(new References());
        module.setValidatorResourceFetcher(new References());
        FhirValidator validator = context.newValidator().registerValidatorModule(module);
        for (Item item : items) {
            List<String> profiles = new ArrayList<>();
            item.resource().path("meta").path("profile").forEach(each -> profiles.add(each.asText()));
            print(guide, item, Map.of("profiles", profiles.stream().filter(each -> own.fetchStructureDefinition(each) != null).toList()));
            for (SingleValidationMessage message : validator.validateWithResult(item.resource().toString()).getMessages()) {
                print(guide, item, finding(message, guide, later));
            }
        }
    }

    private static Map<String, Object> finding(SingleValidationMessage message, Guide guide, List<Guide> later) {
        boolean noted = message.getMessage().startsWith(Terminology.NOT_CHECKED);
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("severity", noted ? "not-checked" : severity(message, guide, later));
        found.put("location", message.getLocationString());
        found.put("message", noted ? message.getMessage().substring(Terminology.NOT_CHECKED.length()) : message.getMessage());
        found.put("messageId", message.getMessageId());
        return found;
    }

    /** The validator's own severity, but for absent definitions and for a terminology answer that broke down: HL7's core only warns of that. */
    private static String severity(SingleValidationMessage message, Guide guide, List<Guide> later) {
        String id = String.valueOf(message.getMessageId());
        if (ABSENT.contains(id)) {
            return absent(message.getMessage(), guide, later) ? "not-checked" : "error";
        }
        return id.startsWith("Terminology_TX_Error") ? "error" : message.getSeverity().getCode();
    }

    /** Whether what a message names is of another guide or of a later version of this one; else it is an address that this guide never had. */
    private static boolean absent(String message, Guide guide, List<Guide> later) {
        Matcher address = ADDRESS.matcher(message);
        return address.find()
                && (!address.group().startsWith(guide.canonical() + "/")
                        || later.stream().anyMatch(each -> each.definitions().fetchStructureDefinition(address.group()) != null));
    }

    private static void print(Guide guide, Item item, Map<String, Object> more) throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("package", guide.name());
        line.put("file", item.file());
        line.put("index", item.index());
        line.put("resourceType", item.resource().path("resourceType").asText());
        line.putAll(more);
        OUT.println(JSON.writeValueAsString(line));
    }

    private static Guide open(FhirContext context, Path archive) throws IOException {
        NpmPackage source;
        try (InputStream stream = Files.newInputStream(archive)) {
            source = NpmPackage.fromPackage(stream);
        }
        PrePopulatedValidationSupport definitions = new PrePopulatedValidationSupport(context);
        for (String name : source.listResources("StructureDefinition", "ValueSet", "CodeSystem")) {
            try (InputStream stream = source.loadResource(name)) {
                definitions.addResource(context.newJsonParser().parseResource(stream));
            }
        }
        return new Guide(source.name() + "#" + source.version(), source.canonical(), definitions);
    }

    private static List<Item> read(Path place) throws IOException {
        List<Item> items = new ArrayList<>();
        if (place.toString().endsWith(".ndjson")) {
            for (String line : Files.readAllLines(place)) {
                items.add(new Item(place.getFileName().toString(), items.size(), JSON.readTree(line)));
            }
            return items;
        }
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".json")).sorted().toList()) {
                int index = 0;
                for (JsonNode resource : resources(file)) {
                    items.add(new Item(place.relativize(file).toString(), index++, resource));
                }
            }
        }
        return items;
    }

    private static Iterable<JsonNode> resources(Path file) throws IOException {
        JsonNode document = JSON.readTree(file.toFile());
        if (!document.has("resourceType") && !document.path("resources").isArray()) {
            throw new IOException(file.getFileName() + " is neither a resource nor holds \"resources\".");
        }
        return document.has("resourceType") ? List.of(document) : document.get("resources");
    }
}
