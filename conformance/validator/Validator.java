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
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.utilities.npm.NpmPackage;

/**
 * Validates resources against R4 and the profiles they claim, as each package defines them. Offline.
 *
 * Validator RESOURCES PACKAGE.tgz...   RESOURCES: a folder of .json files, one .json file, or a .ndjson file. A JSON document is a resource, or holds some
 * in "resources". Prints one JSON object a line: for each package and resource one with the profiles it was checked against, then one for each finding
 * (severity: fatal, error, warning, information, or not-checked where a definition is not at hand).
 */
final class Validator {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    /** Findings that say that a definition is absent. A profile that is absent is one of them, unless it is the package's own: that stays an error. */
    private static final Set<String> ABSENT = Set.of("Extension_EXT_Unknown", "Questionnaire_QR_Q_NotFound", "Terminology_TX_ValueSet_NotFound", "TERMINOLOGY_TX_SYSTEM_UNSUPPORTED");

    private record Item(String file, int index, JsonNode resource) {}

    private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);

    public static void main(String[] arguments) throws IOException {
        System.setOut(System.err); // whatever a library prints is no line of ours
        List<Item> items = read(Path.of(arguments[0]));
        FhirContext context = FhirContext.forR4();
        DefaultProfileValidationSupport core = new DefaultProfileValidationSupport(context);
        for (String archive : List.of(arguments).subList(1, arguments.length)) {
            check(context, core, Path.of(archive), items);
        }
        OUT.flush();
    }

    private static void check(FhirContext context, DefaultProfileValidationSupport core, Path archive, List<Item> items) throws IOException {
        NpmPackage source = open(archive);
        PrePopulatedValidationSupport own = definitions(context, source);
        ValidationSupportChain chain = new ValidationSupportChain(own, core, new Terminology(context), new SnapshotGeneratingValidationSupport(context));
        FhirInstanceValidator module = new FhirInstanceValidator(chain);
        module.setValidatorPolicyAdvisor(new References());
        module.setValidatorResourceFetcher(new References());
        FhirValidator validator = context.newValidator().registerValidatorModule(module);
        String name = source.name() + "#" + source.version();
        for (Item item : items) {
            List<String> profiles = new ArrayList<>();
            item.resource().path("meta").path("profile").forEach(each -> profiles.add(each.asText()));
            print(name, item, Map.of("profiles", profiles.stream().filter(each -> own.fetchStructureDefinition(each) != null).toList()));
            for (SingleValidationMessage message : validator.validateWithResult(item.resource().toString()).getMessages()) {
                print(name, item, finding(message, source.canonical()));
            }
        }
    }

    private static Map<String, Object> finding(SingleValidationMessage message, String canonical) {
        boolean noted = message.getMessage().startsWith(Terminology.NOT_CHECKED);
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("severity", noted || absent(message, canonical) ? "not-checked" : message.getSeverity().getCode());
        found.put("location", message.getLocationString());
        found.put("message", noted ? message.getMessage().substring(Terminology.NOT_CHECKED.length()) : message.getMessage());
        found.put("messageId", message.getMessageId());
        return found;
    }

    private static boolean absent(SingleValidationMessage message, String canonical) {
        String id = String.valueOf(message.getMessageId());
        return ABSENT.contains(id) || (id.toLowerCase(Locale.ROOT).startsWith("validation_val_profile_unknown") && !message.getMessage().contains(canonical + "/"));
    }

    private static void print(String name, Item item, Map<String, Object> more) throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("package", name);
        line.put("file", item.file());
        line.put("index", item.index());
        line.put("resourceType", item.resource().path("resourceType").asText());
        line.putAll(more);
        OUT.println(JSON.writeValueAsString(line));
    }

    private static NpmPackage open(Path archive) throws IOException {
        try (InputStream stream = Files.newInputStream(archive)) {
            return NpmPackage.fromPackage(stream);
        }
    }

    private static PrePopulatedValidationSupport definitions(FhirContext context, NpmPackage source) throws IOException {
        PrePopulatedValidationSupport found = new PrePopulatedValidationSupport(context);
        for (String name : source.listResources("StructureDefinition", "ValueSet", "CodeSystem")) {
            try (InputStream stream = source.loadResource(name)) {
                found.addResource(context.newJsonParser().parseResource(stream));
            }
        }
        return found;
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
