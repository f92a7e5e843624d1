#include "demo.h"

#include <algorithm>
#include <cinttypes>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "common/npy.h"
#include "common/picture.h"
#include "exec/session.h"
#include "stopwatch.h"
#include "terminal.h"

namespace sardonyx {
namespace {

namespace fs = std::filesystem;

constexpr int kShown = 3;  // classes shown per picture
constexpr int kBarCells = 12;
constexpr int kBesideCells = kBarCells + 11;
constexpr int kBatchRuns = 5;

struct Classifier {
  std::unique_ptr<Session> session;
  std::vector<std::string> labels;

  // images: float[batch, 1, height, width]; the result is float[batch, labels].
  Result<Tensor> run(const Tensor& images) const {
    SDX_TRY(const std::vector<Value> outputs, session->run({{session->inputs()[0].name, Value(images)}}));
    const Tensor& t = outputs[0].tensor();
    if (t.dtype() != DType::kF32 || t.rank() != 2 || t.dims()[1] != static_cast<int64_t>(labels.size()))
      return fail(Code::kShape, "the model gave ", dtype_name(t.dtype()), to_string(t.dims()), ", and labels.txt has ",
                  labels.size(), " labels");
    return t;
  }
};

// Half blocks on the left, the most probable classes on the right; every line has the same number of cells.
std::vector<std::string> describe(const PixelImage& picture, const Tensor& probabilities, const Classifier& classifier,
                                  const std::string& caption, TerminalStyle style) {
  const float* p = probabilities.as<float>();
  std::vector<size_t> order(classifier.labels.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] > p[b]; });
  std::vector<std::string> lines = draw_grey(picture.pixels, picture.width, picture.height, style);
  lines.resize(std::max<size_t>(lines.size(), kShown + 1), std::string(static_cast<size_t>(picture.width), ' '));
  for (size_t i = 0; i < lines.size(); ++i) {
    char text[64] = "";
    if (i < kShown && i < order.size()) {
      const double share = p[order[i]];
      std::snprintf(text, sizeof text, " %5.1f %%", 100 * share);
      const std::string label = classifier.labels[order[i]];
      lines[i] += "  " + (i == 0 ? emphasised(label, style) : label) + " " + bar(share, kBarCells, style) + text;
      lines[i] += std::string(kBesideCells - std::min<size_t>(kBesideCells, kBarCells + 1 + label.size() + 8), ' ');
    } else {
      std::snprintf(text, sizeof text, "  %-*s", kBesideCells, i == kShown ? caption.c_str() : "");
      lines[i] += text;
    }
  }
  return lines;
}

void print_side_by_side(const std::vector<std::string>& left, const std::vector<std::string>& right, std::FILE* out) {
  for (size_t i = 0; i < std::max(left.size(), right.size()); ++i)
    std::fprintf(out, "  %s    %s\n", i < left.size() ? left[i].c_str() : "", i < right.size() ? right[i].c_str() : "");
  std::fprintf(out, "\n");
}

Result<Tensor> to_input(const PixelImage& picture) {
  SDX_TRY(Tensor t, Tensor::make(DType::kF32, SmallVec<int64_t, 4>{1, 1, picture.height, picture.width}));
  std::transform(picture.pixels.begin(), picture.pixels.end(), t.as<float>(), [](uint8_t v) { return v / 255.0f; });
  return t;
}

Status show_samples(const Classifier& classifier, const fs::path& folder, TerminalStyle style, std::FILE* out) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder / "samples", error))
    if (entry.path().extension() == ".png") files.push_back(entry.path());
  if (files.empty()) return fail(Code::kFile, quoted((folder / "samples").string()), " holds no .png files");
  std::sort(files.begin(), files.end());
  std::vector<std::string> waiting;
  for (size_t i = 0; i < files.size(); ++i) {
    SDX_TRY(const PixelImage picture, read_png(files[i].string(), 1));
    SDX_TRY(const Tensor input, to_input(picture));
    if (i == 0) SDX_RETURN_IF_ERROR(classifier.run(input).take_status());  // the first run also plans
    const Stopwatch watch;
    SDX_TRY(const Tensor probabilities, classifier.run(input));
    const double ms = watch.ms();
    const float* p = probabilities.as<float>();
    const auto said = static_cast<size_t>(std::max_element(p, p + classifier.labels.size()) - p);
    char caption[64];
    std::snprintf(caption, sizeof caption, "%.9s  %.3f ms%s", files[i].filename().c_str(), ms,
                  classifier.labels[said] == files[i].stem() ? "" : "  wrong");
    std::vector<std::string> lines = describe(picture, probabilities, classifier, caption, style);
    if (waiting.empty() && i + 1 < files.size()) {
      waiting = std::move(lines);
    } else {
      print_side_by_side(waiting.empty() ? lines : waiting, waiting.empty() ? waiting : lines, out);
      waiting.clear();
    }
  }
  return {};
}

// How many of the held-out pictures are right.
Result<int64_t> show_heldout(const Classifier& classifier, const fs::path& folder, std::FILE* out) {
  SDX_TRY(const Tensor pictures, read_npy((folder / "heldout_images.npy").string()));
  SDX_TRY(const Tensor truth, read_npy((folder / "heldout_labels.npy").string()));
  if (pictures.dtype() != DType::kU8 || pictures.rank() != 3 || truth.dtype() != DType::kU8 || truth.rank() != 1 ||
      truth.dims()[0] != pictures.dims()[0])
    return fail(Code::kShape, "the held-out set should be uint8[n,height,width] pictures and uint8[n] labels");
  const int64_t n = pictures.dims()[0];
  SDX_TRY(Tensor input, Tensor::make(DType::kF32, SmallVec<int64_t, 4>{n, 1, pictures.dims()[1], pictures.dims()[2]}));
  std::transform(pictures.as<uint8_t>(), pictures.as<uint8_t>() + pictures.count(), input.as<float>(),
                 [](uint8_t v) { return v / 16.0f; });
  SDX_TRY(const Tensor probabilities, classifier.run(input));
  double best_ms = 0;
  for (int i = 0; i < kBatchRuns; ++i) {
    const Stopwatch watch;
    SDX_RETURN_IF_ERROR(classifier.run(input).take_status());
    best_ms = i == 0 ? watch.ms() : std::min(best_ms, watch.ms());
  }
  const size_t classes = classifier.labels.size();
  std::string mistakes;
  int64_t right = 0;
  for (int64_t i = 0; i < n; ++i) {
    const float* p = probabilities.as<float>() + i * static_cast<int64_t>(classes);
    const auto said = static_cast<size_t>(std::max_element(p, p + classes) - p);
    const size_t is = truth.as<uint8_t>()[i];
    if (said == is) {
      ++right;
    } else if (is < classes) {
      mistakes += cat("  picture ", i, " shows ", classifier.labels[is], ", read as ", classifier.labels[said], "\n");
    }
  }
  std::fprintf(out, "%" PRId64 " held-out digits, never seen in training: %" PRId64 " right, %.2f %%\n", n, right,
               100.0 * static_cast<double>(right) / static_cast<double>(std::max<int64_t>(n, 1)));
  std::fprintf(out, "all in one batch: %.2f ms, %.0f pictures per second\n", best_ms,
               1000.0 * static_cast<double>(n) / best_ms);
  if (!mistakes.empty()) std::fprintf(out, "the mistakes:\n%s", mistakes.c_str());
  return right;
}

Result<Classifier> open(const fs::path& folder, std::FILE* out) {
  Classifier classifier;
  const std::string path = (folder / "digits.onnx").string();
  const Stopwatch watch;
  SDX_TRY(classifier.session, Session::open(path));
  const double open_ms = watch.ms();
  if (classifier.session->inputs().size() != 1 || classifier.session->outputs().size() != 1)
    return fail(Code::kShape, quoted(path), " should have one input and one output");
  std::ifstream file(folder / "labels.txt");
  for (std::string line; std::getline(file, line);) classifier.labels.push_back(line);
  if (classifier.labels.empty()) return fail(Code::kFile, quoted((folder / "labels.txt").string()), " holds no labels");
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  std::fprintf(out, "Sardonyx %s reads handwritten digits with %s (%.0f kB, opened in %.1f ms)\n\n", SDX_VERSION,
               path.c_str(), error ? 0.0 : static_cast<double>(bytes) / 1000, open_ms);
  return classifier;
}

}  // namespace

Result<bool> run_digits_demo(const std::string& folder, std::FILE* out) {
  SDX_TRY(const Classifier classifier, open(folder, out));
  SDX_RETURN_IF_ERROR(show_samples(classifier, folder, TerminalStyle::of(out), out));
  SDX_TRY(const int64_t right, show_heldout(classifier, folder, out));
  for (const auto& [key, value] : classifier.session->model().metadata) {
    if (key != "heldout_right") continue;
    const bool same = value == std::to_string(right);
    if (!same) std::fprintf(out, "but training measured %s right ones\n", value.c_str());
    return same;
  }
  return fail(Code::kFile, "the model's metadata lacks heldout_right, which train.py writes");
}

}  // namespace sardonyx
